"""A wrong config stops Snakemake before any job, with one clear message."""

import pytest
import yaml

from workflow.project import copy_sources, snakemake

CASES = [
    ({"traning": {}}, ["traning", "did you mean training?"]),
    ({"training": {"demo": {"steps": "many"}}}, ["training.demo.steps", "integer"]),
    ({"network": {"demo": {"width": 0}}}, ["network.demo.width", "at least 1"]),
    (
        {"experiments": {"unet": {"weights": "broder"}}},
        ["broder", "balance, border"],
    ),
    ({"augmentation": {"demo": {"side": 63}}}, ["side of 63 px", "56 and 64"]),
]


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    return copy_sources(tmp_path_factory.mktemp("sources"))


@pytest.mark.parametrize(("sections", "words"), CASES)
def test_message_names_key_bound_and_cure(sources, sections, words):
    (sources / "config/extra.yaml").write_text(yaml.safe_dump(sections))
    run = snakemake(sources, "--dry-run", "--cores", "1")
    output = run.stdout + run.stderr
    assert run.returncode != 0
    for word in words:
        assert word in output
    assert "Traceback" not in output
    assert not (sources / "results").exists()
