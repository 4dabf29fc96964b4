"""ONNX nodes of the layers of a U-Net, added one after another."""

import json
from collections.abc import Mapping

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

OPSET = 17
IR_VERSION = 8
"""The file format that came with the opset, so that older programs read it."""

INPUT, OUTPUT = "grey", "logits"


class Graph:
    """A growing ONNX graph; a value is called by the name of its node."""

    def __init__(self):
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[TensorProto] = []

    def add(self, kind: str, inputs: list[str], name: str, **attributes) -> str:
        """Add a node with one output; return the output's name."""
        self.nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        return name

    def constant(self, values: np.ndarray, name: str) -> str:
        """Add an array; return its name."""
        values = np.ascontiguousarray(values)
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def convolution(
        self, x: str, weight: Tensor, bias: Tensor, padding: int, name: str
    ) -> str:
        """Add a convolution.

        Parameters
        ----------
        x : str
            Its input.
        weight : Tensor, float32, shape (outputs, inputs, kernel, kernel)
        bias : Tensor, float32, shape (outputs,)
        padding : int
            Zeros at each border, pixels.
        name : str
            Of the node.
        """
        weights = [
            self.constant(values.detach().numpy(), f"{name}.{what}")
            for what, values in (("weight", weight), ("bias", bias))
        ]
        return self.add("Conv", [x, *weights], name, pads=4 * [padding])

    def layer(self, x: str, layer: nn.Module, name: str) -> str:
        """Add a convolution or a ReLU.

        Raises
        ------
        TypeError
            If it is another layer.
        """
        if isinstance(layer, nn.ReLU):
            return self.add("Relu", [x], name)
        if isinstance(layer, nn.Conv2d):
            padding = layer.padding[0]
            return self.convolution(x, layer.weight, layer.bias, padding, name)
        raise TypeError(f"{name} is {layer}, which has no ONNX node here")

    def up_convolution(self, x: str, layer: nn.ConvTranspose2d, name: str) -> str:
        """Add a 2x2 up-convolution of stride 2: a 1x1 convolution for each tap."""
        inputs, outputs, *kernel = layer.weight.shape
        taps = layer.weight.permute(1, 2, 3, 0).reshape(-1, inputs, 1, 1)
        bias = layer.bias.repeat_interleave(taps.shape[0] // outputs)
        x = self.convolution(x, taps, bias, 0, f"{name}.taps")
        return self.rearrange("DepthToSpace", x, kernel[0], name)

    def pool(self, x: str, name: str) -> str:
        """Add a 2x2 max-pooling of stride 2."""
        return self.add("MaxPool", [x], name, kernel_shape=[2, 2], strides=[2, 2])

    def crop(self, x: str, margin: int, name: str) -> str:
        """Cut `margin` pixels from each border; the size may be any."""
        if margin == 0:
            return x
        bounds = {"start": 2 * [margin], "stop": 2 * [-margin], "axes": [2, 3]}
        places = [self.constant(np.array(v), f"{name}.{k}") for k, v in bounds.items()]
        return self.add("Slice", [x, *places], name)

    def rearrange(self, kind: str, x: str, factor: int, name: str) -> str:
        """Add SpaceToDepth or DepthToSpace.

        The second gives channels in the order of torch; the first gives all
        channels of a place side by side, where torch has all places of a channel.
        """
        if factor == 1:
            return x
        order = {"mode": "CRD"} if kind == "DepthToSpace" else {}  # torch's order
        return self.add(kind, [x], name, blocksize=factor, **order)

    def model(self, channels: int, classes: int) -> onnx.ModelProto:
        """Return the finished model; its output is the last node's."""
        self.nodes[-1].output[0] = OUTPUT
        shapes = {
            INPUT: (1, channels, "height", "width"),
            OUTPUT: (1, classes, "output_height", "output_width"),
        }
        ends = [
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name])]
            for name in (INPUT, OUTPUT)
        ]
        graph = helper.make_graph(self.nodes, "unet", *ends, self.weights)
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)


def describe(model: onnx.ModelProto, architecture: Mapping, precision: str) -> None:
    """Note in a model which network it is, so that it is not taken for another."""
    text = architecture_text(architecture)
    helper.set_model_props(model, {"architecture": text, "precision": precision})


def architecture_text(architecture: Mapping) -> str:
    """Return the arguments of a network as a file notes them."""
    return json.dumps(dict(architecture), sort_keys=True)
