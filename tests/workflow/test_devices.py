"""Which device trainings and predictions get, and how many run side by side."""

import pytest

from workflow.project import copy_sources, snakemake


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    return copy_sources(tmp_path_factory.mktemp("sources"))


def training(sources, gpu, cards):
    """Return what a dry run says of the training."""
    (sources / "config/extra.yaml").write_text(f"run: {{gpu: {gpu}}}")
    run = snakemake(sources, "-n", "-p", "--cores", "1", CUDA_VISIBLE_DEVICES=cards)
    text = run.stdout + run.stderr
    assert run.returncode == 0, text
    return text[text.index("rule train:") :].split("\n\n")[0].split("rule predict:")[0]


@pytest.mark.parametrize(
    ("gpu", "cards", "device", "reserved"),
    [
        ("auto", "", "auto", 0),
        ("auto", "0,1", "auto", 1),
        (0, "0,1", "cpu", 0),
        (1, "", "auto", 1),
    ],
)
def test_a_card_is_reserved_where_there_is_one(sources, gpu, cards, device, reserved):
    planned = training(sources, gpu, cards)
    assert f"--device {device} " in planned
    assert f"gpu={reserved}" in planned
