"""Write a trained model as ONNX, which other programs run without torch.

The file takes one slice or tile of any size that the network maps: `grey`, float32,
shape (1, channels, height, width): grey levels 0..255 (of other images, scaled by the
card's `intensity_range`), normalised by the card's mean and deviation. It gives
`logits`, float32, shape (1, classes, height', width').
"""

from pathlib import Path

from unet2015 import cli
from unet2015.inference.onnx_export import export_model
from unet2015.network.model_files import load_model, read_card


def main(argv: list[str] | None = None) -> None:
    """Read the model, write the ONNX file."""
    parser = cli.parser(__doc__)
    parser.add_argument("--model", type=Path, required=True, help="safetensors")
    parser.add_argument("--card", type=Path, required=True, help="its JSON")
    parser.add_argument("--output", type=Path, required=True, help="ONNX")
    args = parser.parse_args(argv)
    unet, _ = load_model(args.model, args.card)
    architecture, _ = read_card(args.card)
    export_model(unet, architecture, args.output)


if __name__ == "__main__":
    cli.run(main)
