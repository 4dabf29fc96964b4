"""Write how long the stages of a run took, and with how much memory."""

from pathlib import Path

from unet2015 import cli
from unet2015.atomic_write import write_text
from unet2015.report.run_times import read_measurements, run_times_markdown


def main(argv: list[str] | None = None) -> None:
    """Read the measurements, write the table."""
    parser = cli.parser(__doc__)
    parser.add_argument(
        "--benchmarks",
        type=Path,
        nargs="+",
        required=True,
        help="files under results/<dataset>/benchmarks",
    )
    parser.add_argument("--output", type=Path, required=True, help="Markdown")
    args = parser.parse_args(argv)
    write_text(args.output, run_times_markdown(read_measurements(args.benchmarks)))


if __name__ == "__main__":
    cli.run(main)
