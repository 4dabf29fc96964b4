"""Peers, named where they are not installed, and the floor of a task."""

import sys

import pytest
import torch
from torch import nn

from unet2015.benchmarks.floor import count_operations, matrix_product
from unet2015.benchmarks.peers import basic_unet, peer
from unet2015.errors import InputError
from unet2015.network.unet import UNet


def test_missing_peer_names_the_cure():
    with pytest.raises(InputError, match="make benchmark"):
        peer("no_such_package.part")


def test_missing_network_of_a_peer_names_the_cure(monkeypatch):
    monkeypatch.setitem(sys.modules, "monai.networks.nets", None)
    with pytest.raises(InputError, match=r"monai\.networks\.nets.*make benchmark"):
        basic_unet(8)


@pytest.mark.parametrize(
    ("network", "shape", "forward"),
    [
        (nn.Conv2d(3, 5, 3, padding=1), (2, 3, 8, 7), 2 * 2 * 5 * 8 * 7 * 3 * 9),
        (nn.Conv2d(3, 5, 3), (1, 3, 8, 7), 2 * 5 * 6 * 5 * 3 * 9),
        (nn.ConvTranspose2d(4, 2, 2, 2), (1, 4, 3, 3), 2 * 4 * 2 * 4 * 9),
    ],
)
def test_operations_are_two_a_multiplication(network, shape, forward):
    assert count_operations(network, shape, training=False) == forward
    # the backward pass of a first layer has the gradient of its weights alone
    assert count_operations(network, shape, training=True) == 2 * forward


def test_counting_leaves_the_network_as_it_is():
    unet = UNet(width=2)
    count_operations(unet, (1, 1, 188, 188), training=True)
    assert all(p.device.type == "cpu" and p.grad is None for p in unet.parameters())


def test_operations_of_the_paper_s_network():
    with torch.device("meta"):
        unet = UNet()
    assert count_operations(unet, (1, 1, 572, 572), training=False) == 300_856_848_896


def test_floor_of_a_task_is_its_share_of_a_matrix_product():
    contender = matrix_product(count=2 * 16**3 / 4, side=16)
    assert contender.role == "floor"
    assert contender.units == 4
    assert contender.run().shape == (16, 16)
