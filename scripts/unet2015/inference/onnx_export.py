"""A trained U-Net as an ONNX file, which runs without torch.

The nodes follow the network's list of layers. Three things differ, the logits do
not: batch normalisation is folded into the convolution before it; dropout, which does
nothing in inference, is left out; and space to depth, whose order of channels is
another in ONNX, is a convolution that picks pixels.
"""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval

from unet2015.atomic_write import atomic_write
from unet2015.errors import InputError
from unet2015.inference.prediction import INTERIOR_CLASS
from unet2015.network.layers import Layer, walk
from unet2015.network.model_files import architecture_text
from unet2015.network.unet import UNet

OPSET = 17
IR_VERSION = 8
"""The file format that came with the opset, so that older programs read it."""

INPUT, OUTPUT, PROBABILITY = "grey", "logits", "probability"

LARGEST = 2 * 10**9
"""Bytes of weights that fit into one ONNX file (protobuf ends at 2 GiB)."""


def export_model(
    unet: UNet, architecture: Mapping, path: Path, output: str = OUTPUT
) -> None:
    """Write a network as ONNX, whole or not at all.

    Parameters
    ----------
    unet : UNet
        In evaluation mode, on the CPU.
    architecture : mapping
        The arguments that made it; noted in the file.
    path : Path
        The ONNX file. Its input `grey` is float32 of shape (1, channels, height,
        width), its output `logits` float32 of shape (1, channels, height', width'),
        those of classes before those of affinities; height and width are free.
    output : {"logits", "probability"}
        See :func:`onnx_model`.

    Raises
    ------
    InputError
        If the weights do not fit into the file.
    """
    model = checked_model(unet, architecture, output)
    with atomic_write(path) as temporary:
        onnx.save_model(model, temporary)


def checked_model(
    unet: UNet, architecture: Mapping, output: str = OUTPUT
) -> onnx.ModelProto:
    """Return what :func:`export_model` writes, with the same errors."""
    size = sum(value.nbytes for value in unet.state_dict().values())
    if size > LARGEST:
        raise InputError(
            f"the network's weights take {size / 1e9:.1f} GB, expected at most "
            f"{LARGEST / 1e9:g} GB in an ONNX file; use inference.backend torch"
        )
    model = onnx_model(unet, output)
    noted = {"architecture": architecture_text(architecture), "precision": "float32"}
    helper.set_model_props(model, noted)
    onnx.checker.check_model(model, full_check=True)
    return model


def onnx_model(unet: UNet, output: str = OUTPUT) -> onnx.ModelProto:
    """Return the ONNX model of a network, its nodes named as the layers.

    Parameters
    ----------
    unet : UNet
        In evaluation mode, on the CPU.
    output : {"logits", "probability"}
        All logits, or the probability of cell interior, 0..1, one channel, of a
        network with two classes, whatever affinities it has.
    """
    graph, modules = Graph(), folded_modules(unet)
    x, pooled = INPUT, {}
    for layer, shape, _ in walk(unet.layers, *2 * [unet.sizes.smallest_side]):
        if layer.operation == "concat":
            skipped, side = pooled[layer.level]
            margin = (side - shape.height) // 2  # the same for any size
            skipped = graph.crop(skipped, margin, f"crop.{layer.level}")
            x = graph.add("Concat", layer.name, [skipped, x], axis=1)
            continue
        if layer.operation == "pool":
            pooled[layer.level] = x, shape.height
        x = graph.add_layer(layer, modules[layer.name], x)
    if output == PROBABILITY:
        graph.add_interior(x, unet.layers[-1].outputs)
        return graph.model(unet.layers[0].inputs, 1, output)
    return graph.model(unet.layers[0].inputs, unet.layers[-1].outputs)


def folded_modules(unet: UNet) -> dict[str, nn.Module]:
    """Return the modules by name, each batch normalisation folded into a copy."""
    modules = dict(unet.named_modules())
    for layer, after in pairwise(unet.layers):
        if after.operation == "norm":
            pair = modules[layer.name], modules[after.name]
            modules[layer.name] = fuse_conv_bn_eval(*pair)
            modules[after.name] = nn.Identity()
    return modules


class Graph:
    """A growing ONNX graph; a value is called by the name of its node."""

    def __init__(self):
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[TensorProto] = []

    def add(self, operator: str, name: str, inputs: list, **attributes) -> str:
        """Add a node with one output; return the output's name.

        Parameters
        ----------
        operator : str
            Of ONNX.
        name : str
            Of the node.
        inputs : list of str or Tensor
            Values by name, and constants.
        **attributes
            Of the operator.
        """
        names = [
            each if isinstance(each, str) else self._constant(each, f"{name}.{place}")
            for place, each in enumerate(inputs)
        ]
        self.nodes.append(helper.make_node(operator, names, [name], name, **attributes))
        return name

    def _constant(self, values: Tensor, name: str) -> str:
        """Add an array; return its name."""
        array = values.detach().contiguous().numpy()
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def add_layer(self, layer: Layer, module: nn.Module, x: str) -> str:
        """Add the node of a layer, if it does something in inference.

        Parameters
        ----------
        layer : Layer
            Gives the name and the kernel.
        module : nn.Module
            Its module, in evaluation mode.
        x : str
            Name of its input.

        Returns
        -------
        str
            Name of its output.

        Raises
        ------
        TypeError
            If there is no node for its module.
        """
        side, name = layer.kernel, layer.name
        sides = {"kernel_shape": 2 * [side], "strides": 2 * [side]}
        match module:
            case nn.Conv2d(weight=weight, bias=bias, padding=padding):
                return self.add("Conv", name, [x, weight, bias], pads=2 * padding)
            case nn.ConvTranspose2d(weight=weight, bias=bias):
                return self.add("ConvTranspose", name, [x, weight, bias], **sides)
            case nn.MaxPool2d():
                return self.add("MaxPool", name, [x], **sides)
            case nn.ReLU():
                return self.add("Relu", name, [x])
            case nn.PixelUnshuffle() if side > 1:
                picks = torch.eye(layer.outputs).unflatten(1, (-1, side, side))
                return self.add("Conv", name, [x, picks], **sides)
            case nn.PixelShuffle() if side > 1:
                order = {"blocksize": side, "mode": "CRD"}  # of channels, as torch's
                return self.add("DepthToSpace", name, [x], **order)
            case nn.PixelUnshuffle() | nn.PixelShuffle() | nn.Identity() | nn.Dropout():
                return x
        raise TypeError(f"{name} is {module}, which has no ONNX node here")

    def crop(self, x: str, margin: int, name: str) -> str:
        """Cut `margin` pixels from each border; the size may be any."""
        if margin == 0:
            return x
        places = [[margin] * 2, [-margin] * 2, [2, 3]]  # starts, stops, axes
        return self.add("Slice", name, [x, *map(torch.tensor, places)])

    def add_interior(self, logits: str, channels: int) -> None:
        """Add what makes the probability of cell interior of the first two logits."""
        difference = torch.zeros(1, channels, 1, 1)
        difference[:, INTERIOR_CLASS] = 1
        difference[:, 1 - INTERIOR_CLASS] = -1
        inputs, sides = [logits, difference], {"kernel_shape": [1, 1]}
        self.add(
            "Sigmoid", "interior", [self.add("Conv", "difference", inputs, **sides)]
        )

    def model(
        self, channels: int, classes: int, output: str = OUTPUT
    ) -> onnx.ModelProto:
        """Return the finished model; its output is the last node's."""
        self.nodes[-1].output[0] = output
        shapes = {
            INPUT: (1, channels, "height", "width"),
            output: (1, classes, "output_height", "output_width"),
        }
        ends = [
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)]
            for name, shape in shapes.items()
        ]
        graph = helper.make_graph(self.nodes, "unet", *ends, self.weights)
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
