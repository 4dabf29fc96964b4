"""The workflow on the real stacks, with a network too small to be good."""

import pandas as pd
import pytest
import yaml
from real_data import mirror
from workflow.project import copy_sources, snakemake

pytestmark = [pytest.mark.real_data, pytest.mark.long]

SMALL = {
    "run": {"datasets": ["isbi2012"]},
    "augmentation": {"demo": {"samples": 100, "side": 128}},
    "network": {"demo": {"width": 8, "depth": 2}},
    "training": {"demo": {"steps": 60}},
    "inference": {"scales": {"test_time_augmentation": "none"}},
}


def test_table_sets_ours_beside_the_papers(tmp_path):
    stacks = mirror()
    project = copy_sources(tmp_path)
    (project / "config/extra.yaml").write_text(yaml.safe_dump(SMALL))
    run = snakemake(project, "--cores", "2", UNET2015_MIRROR=str(stacks))
    assert run.returncode == 0, run.stdout + run.stderr
    table = pd.read_csv(project / "results/isbi2012/tables/table1.csv")
    assert list(table["method"][:-1]) == [
        "human values",
        "u-net",
        "DIVE-SCI",
        "IDSIA",
        "DIVE",
        "IDSIA-SCI",
    ]
    unet, ours = table.iloc[1], table.iloc[-1]
    assert (unet["warping_error"], unet["rand_error"]) == (0.000353, 0.0382)
    # Even a minute's training beats chance by far, and not the paper.
    assert 0.7 < ours["v_rand"] < 0.97
    assert ours["pixel_error"] < 0.15
    page = (project / "results/isbi2012/report.html").read_text()
    assert "mirror:test-labels.tif" in page
