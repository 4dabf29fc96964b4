"""Score a proposal against labels by the five metrics of the ISBI 2012 challenge."""

from unet2015 import cli
from unet2015.commands.evaluate import main

if __name__ == "__main__":
    cli.run(main)
