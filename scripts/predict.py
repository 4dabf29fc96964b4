"""Predict the probability of cell interior for the scored slices of a split."""

from unet2015 import cli
from unet2015.commands.predict import main

if __name__ == "__main__":
    cli.run(main)
