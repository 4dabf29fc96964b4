"""What command-line programs share: parser, progress, timing and error report."""

import argparse
import contextlib
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tqdm import tqdm

from unet2015.atomic_write import write_text
from unet2015.errors import InputError


class _Formatter(
    argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter
):
    """Shows defaults and keeps the line breaks of the description."""


def parser(description: str) -> argparse.ArgumentParser:
    """Return an argument parser in the house style.

    Parameters
    ----------
    description : str
        Usually the docstring of the program.
    """
    return argparse.ArgumentParser(description=description, formatter_class=_Formatter)


def at_least_one(text: str) -> int:
    """Read an argument that counts something; argparse reports anything below 1."""
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} is too few, expected 1 or more")
    return count


def add_intensity_range(parser: argparse.ArgumentParser) -> None:
    """Add the argument that says how images of more than 8 bits are scaled."""
    parser.add_argument(
        "--intensity-range",
        type=float,
        nargs=2,
        metavar=("LOW", "HIGH"),
        help="values of the volume that become 0 and 255; for signed and float images, "
        "or to scale those of 16 bits otherwise than by percentiles of the training "
        "volume",
    )


def progress(*args, **options) -> tqdm:
    """Return a progress bar on the user's terminal, if there is one.

    Rules pass what a program prints through a pipe, for their log; the terminal is then
    file descriptor 3.

    Parameters
    ----------
    *args, **options
        Of tqdm.
    """
    if os.isatty(3):
        options["file"] = os.fdopen(3, "w", encoding="utf-8", closefd=False)
    return tqdm(*args, disable=None, **options)


@contextlib.contextmanager
def timed(path: Path | None) -> Iterator[None]:
    """Write the seconds that a block took, as JSON, if there is a path to write to."""
    started = time.perf_counter()
    yield
    if path:
        seconds = round(time.perf_counter() - started, 3)
        write_text(path, json.dumps({"seconds": seconds}) + "\n")


def run(main: Callable[[], None]) -> None:
    """Call `main`; turn an expected failure into one line and exit status 1.

    Parameters
    ----------
    main : callable
        The program, without arguments.

    Raises
    ------
    SystemExit
        With status 1 after an `InputError`, an `OSError` (disk full,
        permission denied) or a `MemoryError`, 2 after an unexpected error, 130
        after Ctrl-C and 143 after a termination signal.
    """
    logging.basicConfig(
        level=logging.INFO, format="%(message)s", stream=sys.stderr, force=True
    )
    # A cancelled job cleans up like an interrupted one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except (InputError, OSError) as error:
        logging.error("error: %s", error)
        raise SystemExit(1) from None
    except MemoryError as error:
        logging.error("error: the memory does not suffice (%s); free some", error)
        raise SystemExit(1) from None
    except Exception:
        logging.exception("unexpected error; please report it")
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        logging.error("interrupted")
        raise SystemExit(130) from None
