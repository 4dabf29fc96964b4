"""Draw the verdicts on the claims: difference, interval, margin and every pair."""

from unet2015 import cli
from unet2015.experiments.claims import compared, pilot, read_rows
from unet2015.experiments.design import add_design, read_design
from unet2015.figures.claim_rows import draw_claims
from unet2015.figures.style import add_output, save


def main(argv: list[str] | None = None) -> None:
    """Read the rows and draw what they say."""
    parser = cli.parser(__doc__, rows="CSV of table_claims.py")
    add_design(parser)
    add_output(parser)
    args = parser.parse_args(argv)
    claims, reference, design = read_design(args.design)
    rows = read_rows(args.rows, design)
    seeds = pilot(rows, claims, reference)
    save(draw_claims(compared(rows, claims, seeds), seeds), args.output)


if __name__ == "__main__":
    cli.run(main)
