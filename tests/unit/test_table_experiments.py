import csv

import pandas as pd
import pytest

import table_experiments
from unet2015.errors import InputError

SCORES = {  # experiment, split, seed: the curve over the thresholds
    ("unet", "fold0", 0): [0.3, 0.1, 0.2],
    ("unet", "fold0", 1): [0.3, 0.2, 0.2],
    ("unet", "fold1", 0): [0.3, 0.6, 0.6],
    ("no-elastic", "fold0", 0): [0.5, 0.4, 0.9],
}
METRICS = ["warping_error", "rand_error", "pixel_error", "v_rand", "v_info"]


def scores(runs=SCORES, slice_name="all"):
    """Return tidy scores: V_Rand and V_Info are one minus the errors."""
    return pd.DataFrame(
        {
            "dataset": "mine",
            "split": split,
            "experiment": experiment,
            "seed": seed,
            "slice": slice_name,
            "metric": metric,
            "threshold": threshold / 10,
            "value": 1 - value if metric.startswith("v_") else value,
        }
        for (experiment, split, seed), curve in runs.items()
        for metric in METRICS
        for threshold, value in enumerate(curve)
    )


@pytest.fixture
def program(tmp_path):
    def run(table):
        paths = {name: tmp_path / name for name in ("scores", "csv", "markdown")}
        table.to_csv(paths["scores"], index=False)
        options = [f"--{name}={path}" for name, path in paths.items()]
        table_experiments.main(options)
        with paths["csv"].open() as file:
            return list(csv.DictReader(file)), paths["markdown"].read_text()

    return run


def test_each_run_counts_by_its_best_threshold(program):
    better = {run: [0.0] for run in SCORES}  # a single slice does not count
    rows, _ = program(pd.concat([scores(), scores(better, slice_name="0")]))
    unet = next(row for row in rows if row["experiment"] == "unet")
    assert unet["runs"] == "3"
    # best: 0.1, 0.2, 0.3
    for metric in METRICS:
        mean = 0.8 if metric.startswith("v_") else 0.2
        assert float(unet[f"{metric}_mean"]) == pytest.approx(mean)
        assert float(unet[f"{metric}_std"]) == pytest.approx(0.1)


def test_experiments_keep_the_order_of_the_config(program):
    rows, markdown = program(scores())
    assert [row["experiment"] for row in rows] == ["unet", "no-elastic"]
    assert markdown.index("| unet |") < markdown.index("| no-elastic |")


def test_markdown(program):
    _, markdown = program(scores())
    head, rule, unet, rigid = markdown.splitlines()
    assert head.startswith("| experiment | runs | warping error | Rand error |")
    assert len({line.count("|") for line in (head, rule, unet, rigid)}) == 1
    assert "| 0.200000 ± 0.100000 |" in unet
    assert rigid.startswith("| no-elastic | 1 | 0.400000 | 0.4000 |")


def test_unknown_labels_are_refused():
    with pytest.raises(InputError, match=r"labels .* are unknown; set run\.splits"):
        table_experiments.summarise(scores().iloc[:0])
