import contextlib
import os

import pytest
import torch

from unet2015.errors import InputError
from unet2015.network.device import (
    autocast,
    choose_device,
    choose_precision,
    configure,
    describe,
)
from unet2015.network.processor import processor

CPU = torch.device("cpu")


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)


@pytest.fixture
def one_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("name", ["auto", "cpu"])
def test_without_gpu_the_cpu_is_chosen(name):
    assert choose_device(name) == CPU


@pytest.mark.usefixtures("one_gpu")
@pytest.mark.parametrize(
    ("name", "chosen"), [("auto", "cuda"), ("cuda:0", "cuda:0"), ("cpu", "cpu")]
)
def test_with_a_gpu(name, chosen):
    assert choose_device(name) == torch.device(chosen)


@pytest.mark.usefixtures("no_gpu")
@pytest.mark.parametrize("name", ["cuda", "cuda:0", "cuda:3"])
def test_absent_gpu_is_refused(name):
    with pytest.raises(
        InputError, match=f"device {name} is not there .*sees 0 CUDA.*use --device auto"
    ):
        choose_device(name)


@pytest.mark.usefixtures("one_gpu")
def test_gpu_of_too_high_a_number_is_refused():
    with pytest.raises(InputError, match=r"device cuda:1 is not there .*sees 1 CUDA"):
        choose_device("cuda:1")


@pytest.mark.parametrize("name", ["gpu", "", "cuda:x", "mps", "cuda:-1"])
def test_unknown_device_is_refused(name):
    with pytest.raises(InputError, match=f"device is '{name}', expected auto, cpu"):
        choose_device(name)


@pytest.mark.parametrize("deterministic", [True, False])
def test_configuration_of_the_cpu(deterministic):
    before = os.environ.get("CUBLAS_WORKSPACE_CONFIG")
    configure(CPU, 1, deterministic)
    assert torch.are_deterministic_algorithms_enabled() == deterministic
    assert not torch.utils.deterministic.fill_uninitialized_memory  # costs a sixth
    assert torch.get_num_threads() == 1
    assert describe(CPU) == f"{processor()}, 1 threads"
    assert os.environ.get("CUBLAS_WORKSPACE_CONFIG") == before


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_products_are_of_the_precision(precision):
    with autocast(CPU, precision):
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == getattr(torch, precision)


@pytest.mark.parametrize("name", ["cuda", "cuda:1"])
def test_gpu_computes_in_bfloat16(monkeypatch, name):
    asked = []
    monkeypatch.setattr(torch, "autocast", lambda *a, **k: asked.append((a, k)))
    autocast(torch.device(name), "bfloat16")
    assert asked == [(("cuda",), {"dtype": torch.bfloat16})]


PROCESSORS = {
    "Cascade Lake": ({"avx512": True, "avx512_bf16": False, "amx_bf16": False}, False),
    "Zen 4": ({"avx512": True, "avx512_bf16": True, "amx_bf16": False}, True),
    "AMX alone": ({"avx512_bf16": False, "amx_bf16": True}, True),
    "ARM": ({"sve": True}, False),
}


def use_processor(monkeypatch, name):
    capabilities, native = PROCESSORS[name]
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    return native


@pytest.mark.parametrize("name", PROCESSORS)
def test_auto_is_bfloat16_on_processors_that_compute_in_it(monkeypatch, caplog, name):
    native = use_processor(monkeypatch, name)
    expected = "bfloat16" if native else "float32"
    assert choose_precision("auto", CPU) == expected
    assert choose_precision("float32", CPU) == "float32"
    assert not caplog.messages


@pytest.mark.parametrize("name", PROCESSORS)
def test_emulated_bfloat16_goes_with_a_warning(monkeypatch, caplog, name):
    native = use_processor(monkeypatch, name)
    assert choose_precision("bfloat16", CPU) == "bfloat16"
    warnings = [m for m in caplog.messages if "several times slower" in m]
    assert len(warnings) == (0 if native else 1)
    assert native or processor() in warnings[0]


@pytest.mark.parametrize("native", [True, False])
def test_auto_is_bfloat16_on_gpus_that_compute_in_it(monkeypatch, native):
    asked = []

    def supported(including_emulation=True):
        asked.append(including_emulation)
        return native or including_emulation

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    monkeypatch.setattr(torch.cuda, "device", lambda _: contextlib.nullcontext())
    chosen = choose_precision("auto", torch.device("cuda"))
    assert chosen == ("bfloat16" if native else "float32")
    assert asked == [False]


@pytest.mark.parametrize("asked", ["int8", "float16", ""])
def test_unknown_precision_is_refused(asked):
    with pytest.raises(InputError, match=f"precision is '{asked}', expected auto, flo"):
        choose_precision(asked, CPU)


FLAGS = [
    (torch.backends.cudnn, "benchmark"),
    (torch.backends.cudnn, "allow_tf32"),
    (torch.backends.cuda.matmul, "allow_tf32"),
]


@pytest.fixture
def _flags_put_back():
    before = [getattr(place, name) for place, name in FLAGS]
    yield
    for (place, name), value in zip(FLAGS, before, strict=True):
        setattr(place, name, value)


@pytest.mark.usefixtures("_flags_put_back")
@pytest.mark.parametrize("deterministic", [True, False])
def test_configuration_of_a_gpu(monkeypatch, deterministic):
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")  # put back afterwards
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG")
    configure(torch.device("cuda"), 1, deterministic)
    found = [getattr(place, name) for place, name in FLAGS]
    assert found == [not deterministic, True, True]
    assert torch.are_deterministic_algorithms_enabled() == deterministic
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
