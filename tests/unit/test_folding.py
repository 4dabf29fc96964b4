import pytest
import torch
from torch import nn

from unet2015.network.folding import folded
from unet2015.network.unet import UNet


@pytest.fixture
def trained():
    """A network whose batch normalisations have seen images."""
    torch.manual_seed(0)
    unet = UNet(width=4, depth=2, space_to_depth=2, padding="same", norm="batch")
    for norm in unet.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 2)
            nn.init.normal_(norm.bias)
            # Small enough for the summand under the root to count.
            nn.init.uniform_(norm.running_var, 1e-5, 1e-4)
            nn.init.normal_(norm.running_mean, std=1e-2)
    return unet.double().eval()


def test_a_folded_network_computes_the_same(trained):
    image = torch.randn(1, 1, 32, 48, dtype=torch.float64)
    with torch.no_grad():
        torch.testing.assert_close(folded(trained)(image), trained(image))


def test_a_folded_network_has_no_norms_and_the_other_keeps_its_own(trained):
    def norms(unet):
        return sum(isinstance(each, nn.BatchNorm2d) for each in unet.modules())

    before = norms(trained)
    assert before > 0
    assert norms(folded(trained)) == 0
    assert norms(trained) == before


def test_a_network_without_norms_stays_as_it_is():
    unet = UNet(width=4, depth=1).eval()
    own, others = (each.state_dict() for each in (unet, folded(unet)))
    assert own.keys() == others.keys()
    assert all(torch.equal(own[name], others[name]) for name in own)
