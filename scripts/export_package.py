"""Write a trained model as a package of bioimage.io, which Fiji and napari read.

The zip file holds the description, the weights for torch with one file of code that
needs nothing else, the same network as ONNX, a test input with its output, and a model
card. What the card says of training and scores is taken from --run, --scores,
--inference and --provenance. Example:

    python scripts/export_package.py --model model.safetensors --card model.json \
        --volume raw.tif --dataset cortex --authors "A. Person" --licence CC-BY-4.0 \
        --output package.zip
"""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

from unet2015 import cli
from unet2015.data.adjacent_slices import with_neighbours
from unet2015.data.stacks import open_image
from unet2015.inference.backends import check_channels
from unet2015.inference.packaging import About, halo, write_package
from unet2015.network.model_files import load_model, read_card
from unet2015.network.unet import UNet
from unet2015.report.model_card import Model, model_card, summary
from unet2015.settings import read_json

CITE = [
    {
        "text": "Ronneberger, Fischer, Brox (2015): U-Net: Convolutional Networks for "
        "Biomedical Image Segmentation. MICCAI",
        "doi": "10.1007/978-3-319-24574-4_28",
    }
]


def main(argv: list[str] | None = None) -> None:
    """Read the model, a slice and what is known; write the package."""
    args = arguments(argv)
    unet, normalisation = load_model(args.model, args.card)
    architecture, _ = read_card(args.card)
    check_channels(architecture, args.card)
    reach, recorded = unet.layers[0].inputs // 2, normalisation.get("intensity_range")
    with open_image(args.volume, args.intensity_range, recorded) as volume:
        known = range(len(volume))
        image = with_neighbours(volume, len(volume) // 2, reach, known)
    model = described(args, unet, architecture, normalisation)
    about = About(
        name=model.name,
        description=summary(model),
        authors=args.authors,
        licence=args.licence,
        cite=[*CITE, *cited(model.provenance)],
        readme=model_card(model),
        nm_per_pixel=args.nm_per_pixel,
    )
    write_package(args.output, unet, architecture, normalisation, image, about)


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = cli.parser(
        __doc__,
        model="safetensors",
        card="its JSON",
        volume="image TIFF; a slice is the test",
        output="zip",
    )
    cli.add_intensity_range(parser)
    parser.add_argument("--dataset", required=True, help="name of the training data")
    parser.add_argument("--authors", nargs="+", required=True, help="of the model")
    parser.add_argument(
        "--licence", required=True, help="of the model, an identifier of SPDX"
    )
    parser.add_argument("--run", type=Path, help="JSON of the training")
    parser.add_argument("--scores", type=Path, help="JSON of evaluate.py")
    parser.add_argument("--inference", type=Path, help="settings behind them, JSON")
    parser.add_argument("--provenance", type=Path, help="JSON of the training data")
    parser.add_argument("--nm-per-pixel", type=float, help="of the training slices")
    return parser.parse_args(argv)


def described(
    args: argparse.Namespace, unet: UNet, architecture: dict, normalisation: dict
) -> Model:
    """Gather what is known of the model."""
    records = {
        key: read_json(path) if (path := getattr(args, key)) else {}
        for key in ("provenance", "scores", "inference")
    }
    return Model(
        name=f"U-Net for EM membranes ({args.dataset})",
        dataset=args.dataset,
        architecture=architecture,
        normalisation=normalisation,
        training=read_json(args.run) if args.run else {},
        licence=args.licence,
        halo=halo(unet.sizes),
        cut=unet.sizes.shrinkage // 2,
        nm_per_pixel=args.nm_per_pixel,
        **records,
    )


def cited(provenance: Mapping) -> list[dict]:
    """Return the works that the record of the data cites, each with its DOI."""
    works = re.findall(r"([^;]+?),? doi:(\S+)", provenance.get("citation", ""))
    return [{"text": text.strip(), "doi": doi} for text, doi in works]


if __name__ == "__main__":
    cli.run(main)
