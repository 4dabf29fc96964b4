"""Compute the border-weight map of label slices (paper, equation 2)."""

from unet2015 import cli
from unet2015.commands.weigh import main

if __name__ == "__main__":
    cli.run(main)
