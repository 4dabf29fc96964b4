"""A trained U-Net as an ONNX file, which runs without torch.

The graph follows :meth:`unet2015.network.unet.UNet.forward` layer by layer. Four
things differ, the logits do not: batch normalisation is folded into the
convolution before it; dropout, which does nothing in inference, is left out;
and a 2x2 up-convolution, whose taps do not overlap, is a 1x1 convolution to four
times the channels and a rearrangement, which runs in 8 bits too; and space
to depth orders its channels otherwise, and so the first weights.
"""

import copy
from collections.abc import Mapping
from pathlib import Path

import onnx
from torch import nn
from torch.nn.utils import fuse_conv_bn_eval

from unet2015.atomic_write import atomic_write
from unet2015.errors import InputError
from unet2015.inference.onnx_graph import INPUT, Graph, describe
from unet2015.network.sizes import CONVOLUTION, Geometry
from unet2015.network.unet import UNet

HEAD = "head"

LARGEST = 2 * 10**9
"""Bytes of weights that fit into one ONNX file (protobuf ends at 2 GiB)."""


def export_model(unet: UNet, architecture: Mapping, path: Path) -> None:
    """Write a network as ONNX, whole or not at all.

    Parameters
    ----------
    unet : UNet
        In evaluation mode, on the CPU.
    architecture : mapping
        The arguments that made it; noted in the file.
    path : Path
        The ONNX file. Its input `grey` is float32 of shape (1, channels, height,
        width), its output `logits` float32 of shape (1, classes, height', width');
        height and width are free.

    Raises
    ------
    InputError
        If the weights do not fit into the file.
    """
    size = sum(value.nbytes for value in unet.state_dict().values())
    if size > LARGEST:
        raise InputError(
            f"the network's weights take {size / 1e9:.1f} GB, expected at most "
            f"{LARGEST / 1e9:g} GB in an ONNX file; use inference.backend torch"
        )
    model = onnx_model(unet)
    describe(model, architecture, "float32")
    onnx.checker.check_model(model, full_check=True)
    with atomic_write(path) as temporary:
        onnx.save_model(model, temporary)


def onnx_model(unet: UNet) -> onnx.ModelProto:
    """Return the ONNX model of a network, its nodes named as the layers.

    Parameters
    ----------
    unet : UNet
        In evaluation mode, on the CPU.
    """
    graph, geometry, maps = Graph(), unet.geometry, []
    x = graph.rearrange("SpaceToDepth", INPUT, geometry.space_to_depth, "unshuffle")
    for level in range(geometry.depth):
        block = unet.contracting[level] if level else _stem_order(unet)
        x = _double_conv(graph, x, block, f"contracting.{level}")
        maps.append(x)
        x = graph.pool(x, f"pool.{level}")
    bottom = f"contracting.{geometry.depth}"
    x = _double_conv(graph, x, unet.contracting[-1], bottom)
    for level in reversed(range(geometry.depth)):
        x = graph.up_convolution(x, unet.upconv[level], f"upconv.{level}")
        if unet.skip == "concat":
            margin = crop_margin(geometry, level)
            skipped = graph.crop(maps[level], margin, f"crop.{level}")
            x = graph.add("Concat", [skipped, x], f"concat.{level}", axis=1)
        x = _double_conv(graph, x, unet.expanding[level], f"expanding.{level}")
    x = graph.layer(x, unet.head, HEAD)
    graph.rearrange("DepthToSpace", x, geometry.space_to_depth, "shuffle")
    places = geometry.space_to_depth**2
    return graph.model(
        unet.contracting[0][0].in_channels // places, unet.head.out_channels // places
    )


def _stem_order(unet: UNet) -> nn.Sequential:
    """Return the first block for channels in the order of SpaceToDepth."""
    block = copy.deepcopy(unet.contracting[0])
    outputs, inputs, *kernel = block[0].weight.shape
    places = unet.geometry.space_to_depth**2
    weight = block[0].weight.reshape(outputs, inputs // places, places, *kernel)
    block[0].weight = nn.Parameter(weight.transpose(1, 2).reshape_as(block[0].weight))
    return block


def crop_margin(geometry: Geometry, level: int) -> int:
    """Return the pixels that the centre crop of a level takes from each border.

    Examples
    --------
    >>> paper = Geometry(depth=4, padding="valid", space_to_depth=1)
    >>> [crop_margin(paper, level) for level in range(4)]
    [88, 40, 16, 4]
    """
    if geometry.padding == "same":
        return 0
    margin = -CONVOLUTION  # the bottom level has one pair of convolutions, not two
    for _ in range(geometry.depth - level):
        margin = 2 * (margin + 2 * CONVOLUTION)
    return margin


def _double_conv(graph: Graph, x: str, block: nn.Sequential, name: str) -> str:
    """Add a block of convolutions and ReLUs, the normalisation folded in."""
    layers: list[nn.Module] = []
    for layer in block:
        if isinstance(layer, nn.BatchNorm2d):
            layers[-1] = fuse_conv_bn_eval(layers[-1], layer)
        else:
            layers.append(layer)
    for number, layer in enumerate(layers):
        x = graph.layer(x, layer, f"{name}.{number}")
    return x
