import ast
import subprocess
import sys

import numpy as np
import onnxruntime
import pytest
import torch
from onnx_files import make_network
from test_onnx_export import NETWORKS

from unet2015.inference.backends import onnx_network
from unet2015.inference.onnx_export import PROBABILITY, onnx_model
from unet2015.inference.standalone import standalone_source

TWO_CLASSES = sorted(name for name in NETWORKS if "classes" not in NETWORKS[name])

RUN = """
import sys, types, torch
torch.set_num_threads(1)  # as here: their number changes the last digits
assert "unet2015" not in sys.modules
sys.modules["unet2015"] = None  # not to be had
code = types.ModuleType("architecture")
exec(open("architecture.py").read(), code.__dict__)
for name in ("UNet", "Interior"):
    network = getattr(code, name)()
    network.load_state_dict(torch.load("weights.pt", weights_only=True), strict=True)
    with torch.inference_mode():
        torch.save(network.eval()(torch.load("input.pt")), f"{name}.pt")
"""


def image_for(unet, steps=2):
    """Return noise of a size that a network maps, higher than wide."""
    torch.manual_seed(2)
    side, step = unet.sizes.smallest_side, unet.sizes.step
    return torch.randn(2, unet.layers[0].inputs, side + steps * step, side + step)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_logits_of_the_file_are_those_of_the_network(name, tmp_path):
    unet = make_network(**NETWORKS[name])
    namespace = {}
    exec(standalone_source(unet), namespace)  # noqa: S102
    copy = namespace["UNet"]().eval()
    copy.load_state_dict(unet.state_dict())
    image = image_for(unet)
    with torch.inference_mode():
        assert torch.equal(copy(image), unet(image))


@pytest.mark.slow
def test_file_runs_where_this_library_is_not(tmp_path):
    unet = make_network(**NETWORKS["fast"])
    image = image_for(unet)
    (tmp_path / "architecture.py").write_text(standalone_source(unet))
    torch.save(dict(unet.state_dict()), tmp_path / "weights.pt")
    torch.save(image, tmp_path / "input.pt")
    # Isolated: neither this folder nor PYTHONPATH is searched.
    subprocess.run([sys.executable, "-I", "-c", RUN], cwd=tmp_path, check=True)
    with torch.inference_mode():
        logits = unet(image)
    assert torch.equal(torch.load(tmp_path / "UNet.pt"), logits)
    expected = torch.softmax(logits, dim=1)[:, 1:]
    found = torch.load(tmp_path / "Interior.pt")
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", TWO_CLASSES)
def test_file_imports_torch_alone(name):
    tree = ast.parse(standalone_source(make_network(**NETWORKS[name])))
    imported = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported == {"torch"}


@pytest.mark.parametrize("name", TWO_CLASSES)
def test_onnx_file_may_give_the_probability(name):
    unet = make_network(**NETWORKS[name])
    content = onnx_model(unet, PROBABILITY).SerializeToString()
    network = onnx_network(onnxruntime.InferenceSession(content), unet.sizes)
    image = image_for(unet)[:1]
    with torch.inference_mode():
        expected = torch.softmax(unet(image)[:, :2], dim=1)[0, 1:].numpy()
    found = network(image[0].numpy().transpose(1, 2, 0))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)
