"""What command-line programs share: parser, progress, times and error report."""

import argparse
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tqdm import tqdm

from unet2015.atomic_write import write_json
from unet2015.errors import InputError

SETTINGS = "settings, JSON"
FILES = {
    "volume": "image TIFF",
    "labels": "label TIFF",
    "probability": "TIFF, 0..1",
    "split": "JSON of split.py",
    "statistics": "JSON of training_statistics.py",
    "augmentation": SETTINGS,
    "weights": SETTINGS,
    "network": SETTINGS,
    "training": SETTINGS,
    "inference": SETTINGS,
    "scores": "tidy CSV",
    "rows": "CSV of table_rows.py",
    "csv": "output",
    "markdown": "output",
    "latex": "output",
}
"""What the options that many programs have name."""


class _Formatter(
    argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter
):
    """Shows defaults and keeps the line breaks of the description."""


def parser(
    description: str, files: str = "", /, **others: str
) -> argparse.ArgumentParser:
    """Return an argument parser in the house style.

    Parameters
    ----------
    description : str
        Usually the docstring of the program.
    files : str
        Names of required options that are paths, of `FILES`, between spaces.
    **others : str
        Help of further required options that are paths, by name.
    """
    made = argparse.ArgumentParser(description=description, formatter_class=_Formatter)
    for name, text in ({name: FILES[name] for name in files.split()} | others).items():
        option = f"--{name.replace('_', '-')}"
        made.add_argument(option, type=Path, required=True, help=text)
    return made


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


def duration(seconds: float) -> str:
    """Return a time for people.

    Examples
    --------
    >>> duration(0.42), duration(75.2), duration(5025)
    ('0.4 s', '1 min 15 s', '1 h 24 min')
    """
    if seconds < 59.5:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min"


@contextlib.contextmanager
def timed(path: Path | None) -> Iterator[None]:
    """Write the seconds that a block took, as JSON, if there is a path to write to."""
    started = time.perf_counter()
    yield
    if path:
        seconds = round(time.perf_counter() - started, 3)
        write_json(path, {"seconds": seconds})


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
