import numpy as np
import onnxruntime
import pytest
import torch
from onnx_files import NORMALISATION, change_card, make_network, write_files

from unet2015.errors import InputError
from unet2015.inference.backends import CPU, CUDA, open_model, open_session, providers
from unet2015.network.layers import unet_layers
from unet2015.network.processor import processor
from unet2015.network.sizes import Sizes

OPTIONS = {"width": 2, "depth": 2, "space_to_depth": 2}


@pytest.fixture
def files(tmp_path):
    """Return weights, card and ONNX file of a network."""
    return write_files(tmp_path, make_network(**OPTIONS), OPTIONS)


@pytest.mark.slow
def test_both_backends_are_the_same_function(files):
    weights, card, onnx = files
    threads = torch.get_num_threads()
    opened = [
        open_model(path, card, "cpu", threads, "float32") for path in (weights, onnx)
    ]
    cpu = {"device": f"{processor()}, {threads} threads", "precision": "float32"}
    assert opened[0].run == {**cpu, "runtime": f"torch {torch.__version__}"}
    assert opened[1].run == {**cpu, "runtime": f"onnxruntime {onnxruntime.__version__}"}
    assert [o.normalisation for o in opened] == [NORMALISATION] * 2
    assert [o.layers for o in opened] == [unet_layers(**OPTIONS)] * 2
    side = Sizes.of(opened[0].layers).smallest_side
    grey = np.random.default_rng(0).standard_normal((side + 8, side), np.float32)
    by_torch, by_onnx = (o.network(grey[::-1]) for o in opened)  # not contiguous
    assert by_torch.shape == by_onnx.shape
    assert by_onnx.dtype == np.float32
    np.testing.assert_allclose(by_onnx, by_torch, atol=1e-4 * np.ptp(by_torch))


@pytest.mark.parametrize("suffix", ["safetensors", "onnx"])
def test_side_that_the_network_cannot_map_is_refused(files, suffix):
    weights, card, onnx = files
    model = {"safetensors": weights, "onnx": onnx}[suffix]
    network = open_model(model, card, "cpu", 1).network
    with pytest.raises(ValueError, match=r"cannot map a side of 97 px; .* nearest"):
        network(np.zeros((104, 97), np.float32))


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"x" * 99),
        lambda path: path.write_bytes(path.read_bytes()[: -len(b"x" * 200)]),
        lambda path: path.write_bytes(path.read_bytes()[:2000]),
    ],
)
def test_damaged_file_is_refused(files, damage):
    _, card, onnx = files
    damage(onnx)
    with pytest.raises(
        InputError, match=r"model.onnx cannot be opened by onnxruntime .*; export the"
    ):
        open_model(onnx, card, "cpu", 1)


def test_file_of_another_network_is_refused(files):
    _, card, onnx = files
    change_card(card, architecture={**OPTIONS, "depth": 3})
    with pytest.raises(
        InputError, match=r"holds the network .*2.* describes .*3.*export"
    ):
        open_model(onnx, card, "cpu", 1)


def test_damaged_card_is_refused(files):
    _, card, onnx = files
    change_card(card, normalisation={"mean": 1})
    with pytest.raises(InputError, match=r"json is no model description.*std"):
        open_model(onnx, card, "cpu", 1)


def test_threads_are_those_asked_for(files):
    session = open_session(files[2], [CPU], 3)
    assert session.get_session_options().intra_op_num_threads == 3


@pytest.mark.parametrize(
    ("device", "cuda", "expected"),
    [
        ("auto", False, [CPU]),
        ("cpu", False, [CPU]),
        ("cpu", True, [CPU]),
        ("auto", True, [(CUDA, {"device_id": 0}), CPU]),
        ("cuda", True, [(CUDA, {"device_id": 0}), CPU]),
        ("cuda:2", True, [(CUDA, {"device_id": 2}), CPU]),
    ],
)
def test_providers_of_a_device(monkeypatch, device, cuda, expected):
    available = [CUDA, CPU] if cuda else [CPU]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: available)
    assert providers(device) == expected


@pytest.mark.parametrize(
    ("device", "message"),
    [
        ("cuda", r"device cuda is not there \(onnxruntime offers no CUDA\); use"),
        ("cuda:1", r"device cuda:1 is not there.*onnxruntime-gpu"),
        ("gpu", r"device is 'gpu', expected auto, cpu, cuda or cuda:N"),
        ("cuda:x", r"device is 'cuda:x', expected"),
        ("cpu:1", r"device is 'cpu:1', expected"),
        ("cuda:", r"device is 'cuda:', expected"),
    ],
)
def test_device_that_is_not_there_is_refused(monkeypatch, device, message):
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CPU])
    with pytest.raises(InputError, match=message):
        providers(device)
