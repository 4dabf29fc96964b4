"""A network as one file of Python that imports torch and nothing else.

It follows the list of layers and the modules made from it, so that the names of the
weights, and so the state dict, are those of :class:`unet2015.network.unet.UNet`.
"""

from collections.abc import Iterator

from torch import nn

from unet2015.inference.prediction import INTERIOR_CLASS
from unet2015.network.layers import Layers
from unet2015.network.unet import UNet

CALLABLE = "Interior"
"""Name of the class that gives the probability of cell interior."""

SOURCE = '''\
"""U-Net (Ronneberger, Fischer, Brox 2015), written by unet2015 from a trained model.

Ronneberger, Fischer, Brox (2015): U-Net: Convolutional Networks for Biomedical Image
Segmentation. MICCAI. https://doi.org/10.1007/978-3-319-24574-4_28
"""

import torch
from torch import Tensor, nn


class UNet(nn.Module):
    """Normalised grey values (batch, {inputs}, height, width) to {classes} logits."""

    def __init__(self):
        super().__init__()
{modules}

    def forward(self, x: Tensor) -> Tensor:
{statements}
        return x


class Interior(UNet):
    """The same to the probability of cell interior, 0..1, one channel."""

    def forward(self, x: Tensor) -> Tensor:
        logits = super().forward(x)
        interior, membrane = logits[:, [{interior}]], logits[:, [{membrane}]]
        return torch.sigmoid(interior - membrane)


def crop(x: Tensor, like: Tensor) -> Tensor:
    """Cut the centre of x to the height and width of another."""
    height, width = like.shape[-2:]
    top, left = (x.shape[-2] - height) // 2, (x.shape[-1] - width) // 2
    return x[..., top : top + height, left : left + width]
'''


def standalone_source(unet: UNet) -> str:
    """Return Python code that defines a network, without its weights.

    Parameters
    ----------
    unet : UNet
        With two classes.

    Returns
    -------
    str
        Two classes without arguments: `UNet` gives logits, `Interior` the probability
        of cell interior; the state dict of `unet` fits both.
    """
    modules = (
        f"self.{name} = {constructor(module)}" for name, module in unet.named_children()
    )
    return SOURCE.format(
        inputs=unet.layers[0].inputs,
        classes=unet.layers[-1].outputs,
        modules=indented(modules),
        statements=indented(statements(unet.layers)),
        interior=INTERIOR_CLASS,
        membrane=1 - INTERIOR_CLASS,
    )


def indented(lines: Iterator[str], spaces: int = 8) -> str:
    """Return lines of code, each moved to the right."""
    each = (line for text in lines for line in text.splitlines())
    return "\n".join(" " * spaces + line for line in each)


def constructor(module: nn.Module, within: type = nn.ModuleDict) -> str:
    """Return the code that makes a module; its ends are what torch shows of it.

    Parameters
    ----------
    module : nn.Module
        Of a U-Net: a sequence, or one of torch's own.
    within : type
        Of the container of a sequence: those of the network are called by their names.
    """
    if not isinstance(module, nn.Sequential):
        return f"nn.{module!r}"
    lines = (
        (f'"{name}": ' if within is nn.ModuleDict else "")
        + f"{constructor(part, nn.Sequential)},"
        for name, part in module.named_children()
    )
    opening, closing = ("({", "})") if within is nn.ModuleDict else "()"
    return f"nn.{within.__name__}{opening}\n{indented(lines, 4)}\n{closing}"


def statements(layers: Layers) -> Iterator[str]:
    """Yield the code of the forward pass; a sequence runs in one line."""
    last = None
    copied = {layer.level for layer in layers if layer.operation == "concat"}
    for layer in layers:
        if layer.operation == "concat":
            skip = f"crop(skip_{layer.level}, x)"
            yield f"x = torch.cat([{skip}, x], dim=1)"
            continue
        if layer.operation == "pool" and layer.level in copied:
            yield f"skip_{layer.level} = x"
        call = called(layer.name)
        if call != last:
            yield f"x = {call}(x)"
        last = call


def called(name: str) -> str:
    """Return the code that finds the module of a layer, or the sequence it stands in.

    Examples
    --------
    >>> called("contracting.0.2"), called("head")
    ('self.contracting["0"]', 'self.head')
    """
    first, *rest = name.split(".")
    return f'self.{first}["{rest[0]}"]' if rest else f"self.{first}"
