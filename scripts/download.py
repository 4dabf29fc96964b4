"""Download the four stacks of the ISBI 2012 challenge and verify their pixels.

UNET2015_MIRROR, a folder or a URL prefix, is tried before the public sources. It
may hold train-volume.tif and so on, folders train-volume/ of PNG or TIFF slices,
or ISBI-2012-challenge.zip. Test labels that cannot be had are filled with 127.
"""

import os

from unet2015 import cli
from unet2015.data.dataset import add_outputs, outputs, write_dataset
from unet2015.data.download import MIRROR, DataSet, fetch
from unet2015.data.isbi2012 import ISBI2012


def main(argv: list[str] | None = None, dataset: DataSet = ISBI2012) -> None:
    """Fetch and verify everything, then write everything."""
    parser = cli.parser(__doc__)
    add_outputs(parser)
    args = parser.parse_args(argv)
    write_dataset(
        fetch(dataset, os.environ.get(MIRROR)),
        outputs(args),
        args.provenance,
        dataset.name,
        citation=dataset.citation,
        licence=dataset.licence,
    )


if __name__ == "__main__":
    cli.run(main)
