"""What every command-line program shares: parser, log and error report."""

import argparse
import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path

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


def arguments(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Add ``--log``, parse the command line and open the log.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        With the program's own arguments.

    Returns
    -------
    argparse.Namespace
        The parsed arguments. From here on, messages, and the traceback of an
        unexpected error, also go to the log file.
    """
    parser.add_argument("--log", type=Path, help="also write the messages to this file")
    args = parser.parse_args()
    if args.log:
        args.log.parent.mkdir(parents=True, exist_ok=True)
        logging.getLogger().addHandler(logging.FileHandler(args.log, mode="w"))
    return args


def run(main: Callable[[], None]) -> None:
    """Call `main`; turn an expected failure into one line and exit status 1.

    Parameters
    ----------
    main : callable
        The program, without arguments.

    Raises
    ------
    SystemExit
        With status 1 after an `InputError` or an `OSError` (disk full,
        permission denied), 2 after an unexpected error, 130 after Ctrl-C
        and 143 after a termination signal.
    """
    logging.basicConfig(
        level=logging.INFO, format="%(message)s", stream=sys.stderr, force=True
    )
    # A log on a disk that is full must not hide the error itself.
    logging.raiseExceptions = False
    # A cancelled job cleans up like an interrupted one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except (InputError, OSError) as error:
        logging.error("error: %s", error)
        raise SystemExit(1) from None
    except Exception:
        logging.exception("unexpected error; please report it")
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        logging.error("interrupted")
        raise SystemExit(130) from None
