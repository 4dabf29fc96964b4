"""Number the cells of a prediction."""

from unet2015 import cli
from unet2015.commands.segment import main

if __name__ == "__main__":
    cli.run(main)
