"""Predict the probability of cell interior for the scored slices of a split.

The output is a float32 TIFF stack, 1 = cell interior, 0 = membrane: the format
of a submission to the challenge.
"""

from pathlib import Path

import numpy as np
from tqdm import tqdm

from unet2015 import cli
from unet2015.device import choose_device, configure
from unet2015.errors import InputError
from unet2015.model_files import load_model
from unet2015.prediction import predict_slice, torch_network
from unet2015.settings import read_json
from unet2015.splits import read_slices
from unet2015.stacks import read_image, write_stack


def main() -> None:
    """Read model and slices, predict, write the probabilities."""
    parser = cli.parser(__doc__)
    parser.add_argument("--model", type=Path, required=True, help="safetensors")
    parser.add_argument("--card", type=Path, required=True, help="its JSON")
    parser.add_argument("--volume", type=Path, required=True, help="image TIFF")
    parser.add_argument("--split", type=Path, help="JSON of split.py; else all slices")
    parser.add_argument("--settings", type=Path, required=True, help="JSON")
    parser.add_argument("--output", type=Path, required=True, help="TIFF")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--threads", type=cli.at_least_one, default=2)
    args = cli.arguments(parser)
    device = choose_device(args.device)
    configure(device, args.threads, deterministic=True)
    unet, normalisation = load_model(args.model, args.card)
    network = torch_network(unet, device)
    settings = read_json(args.settings)
    volume = read_image(args.volume)
    if args.split:
        volume = volume[read_slices(args.split, "score", len(volume))]
    try:
        probabilities = [
            predict_slice(image, unet.geometry, network, normalisation, settings)
            for image in tqdm(volume, unit="slice", disable=None)
        ]
    except ValueError as error:
        raise InputError(f"inference: {error}") from error
    write_stack(args.output, np.stack(probabilities))


if __name__ == "__main__":
    cli.run(main)
