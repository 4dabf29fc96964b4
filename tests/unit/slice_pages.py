"""A page of a tiny stack, for the tests of its text and of its working."""

import base64
import io
import json
import re

import numpy as np
from PIL import Image

import slice_page
from unet2015.data.tiff import write_stack

IDS = np.ones((3, 64, 96), np.uint32)
IDS[:, :, 40:] = 2
IDS[1, :, 60:] = 70_000
LABELS = np.full(IDS.shape, 255, np.uint8)
LABELS[:, :, 38:41] = 0


def make_page(folder, labels=False, instances=IDS, volume=None):
    """Write the page and return its path."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, IDS.shape, np.uint8)
    stacks = {
        "volume": noise if volume is None else volume,
        "probability": np.where(LABELS > 0, 0.95, 0.05).astype(np.float32),
        "instances": instances,
    }
    if labels:
        stacks["labels"] = LABELS
    for name, stack in stacks.items():
        write_stack(folder / f"{name}.tif", stack)
    options = [f"--{name}={folder / name}.tif" for name in stacks]
    slice_page.main([*options, f"--output={folder / 'page.html'}"])
    return folder / "page.html"


def pages_data(path):
    """Return what a page knows of its slices."""
    text = re.search(r'application/json">(.*?)</script>', path.read_text(), re.S)[1]
    return json.loads(text)


def decoded(uri):
    """Return the pixels of a data URI, (height, width, 4)."""
    data = base64.b64decode(uri.split(",")[1])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
