"""Marks of tests that need what not every processor has."""

import pytest
import torch

from unet2015.network.device import has_bfloat16

native_bfloat16 = pytest.mark.skipif(
    not has_bfloat16(torch.device("cpu")),
    reason="this processor has no bfloat16 (AVX-512 BF16 or AMX)",
)
