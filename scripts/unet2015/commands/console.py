"""The console command `unet2015`: metrics, weight maps and predictions."""

import importlib
import sys

import unet2015
from unet2015 import cli

COMMANDS = {
    "evaluate": ("evaluate", "score a proposal by the challenge's five metrics"),
    "weight-map": ("weigh", "compute the paper's border-weight map of labels"),
    "predict": ("predict", "predict the probability of cell interior"),
    "segment": ("segment", "number the cells of a prediction"),
}
"""Module and summary of each command; a module is imported when it is asked for."""

USAGE = """usage: unet2015 COMMAND [OPTIONS]

The paper's weight map, the challenge's metrics and overlap-tile prediction.

{commands}

`unet2015 COMMAND --help` explains the options. Version {version}.
"""


def main() -> None:
    """Run the command that the command line names."""
    name, *argv = sys.argv[1:] or ["--help"]
    if name in COMMANDS:
        sys.argv[0] = f"unet2015 {name}"
        module = importlib.import_module(f"unet2015.commands.{COMMANDS[name][0]}")
        cli.run(lambda: module.main(argv))
    elif name == "--version":
        sys.stdout.write(f"{unet2015.__version__}\n")
    elif name in ("--help", "-h"):
        sys.stdout.write(usage())
    else:
        known = ", ".join(COMMANDS)
        sys.exit(f"error: unet2015 has no command {name!r}, expected one of {known}")


def usage() -> str:
    """Return what `unet2015 --help` prints."""
    lines = [f"  {name:<12}{words}" for name, (_, words) in COMMANDS.items()]
    return USAGE.format(commands="\n".join(lines), version=unet2015.__version__)
