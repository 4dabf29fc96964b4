"""Small networks as files of every backend."""

import json

import torch

from unet2015.inference.onnx_export import export_model
from unet2015.network.model_files import save_model
from unet2015.network.unet import UNet

NORMALISATION = {"mean": 120.0, "std": 40.0}


def make_network(seed=0, **options):
    """Return a network whose normalisation has seen something, for inference."""
    torch.manual_seed(seed)
    unet = UNet(**options)
    side = unet.sizes.smallest_side + unet.sizes.step
    with torch.no_grad():
        for _ in range(3):
            grey = torch.randn(2, options.get("in_channels", 1), side, side)
            unet(1 + 2 * grey)  # moves running statistics
    for module in unet.modules():
        if getattr(module, "bias", None) is not None:
            torch.nn.init.normal_(module.bias, std=0.3)
    return unet.eval()


def write_files(folder, unet, options):
    """Write a network as safetensors, card and ONNX; return their paths."""
    weights, card, onnx = (
        folder / f"model.{suffix}" for suffix in ("safetensors", "json", "onnx")
    )
    save_model(unet, options, NORMALISATION, weights, card)
    export_model(unet, options, onnx)
    return weights, card, onnx


def change_card(card, **changes):
    """Change what a card says."""
    card.write_text(json.dumps({**json.loads(card.read_text()), **changes}))
