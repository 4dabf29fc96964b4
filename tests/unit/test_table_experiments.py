import csv

import pandas as pd
import pytest
from experiment_rows import RUNS, rows

import table_experiments
from unet2015.errors import InputError
from unet2015.experiments.rows import SCORES, summarise


@pytest.fixture
def program(tmp_path):
    def run(table):
        paths = {name: tmp_path / name for name in ("rows", "csv", "markdown")}
        table.to_csv(paths["rows"], index=False)
        options = [f"--{name}={path}" for name, path in paths.items()]
        table_experiments.main(options)
        with paths["csv"].open() as file:
            return list(csv.DictReader(file)), paths["markdown"].read_text()

    return run


def test_mean_and_standard_deviation_over_runs(program):
    table = rows(runs=RUNS[:3])
    table[SCORES] = [[0.1] * 5, [0.2] * 5, [0.3] * 5]
    (unet,), _ = program(table)
    assert unet["runs"] == "3"
    for name in SCORES:
        assert float(unet[f"{name}_mean"]) == pytest.approx(0.2)
        assert float(unet[f"{name}_std"]) == pytest.approx(0.1)


def test_experiments_keep_the_order_of_the_rows_in_words(program):
    table = rows(runs=RUNS[:2])
    table["warping_error"] = [0.1, 0.3]
    single = rows("no-elastic", 0.2, runs=RUNS[:1])
    found, markdown = program(pd.concat([table, single]))
    assert [row["experiment"] for row in found] == ["unet", "no-elastic"]
    head, rule, unet, rigid = markdown.splitlines()
    assert head.startswith("| experiment | runs | warping error | Rand error |")
    assert len({line.count("|") for line in (head, rule, unet, rigid)}) == 1
    assert "| 2 | 0.200000 ± 0.141421 |" in unet
    assert rigid.startswith("| no-elastic | 1 | 0.400000 | 0.4000 |")


def test_unknown_labels_are_refused():
    with pytest.raises(InputError, match=r"labels .* are unknown; set run\.splits"):
        summarise(rows().iloc[:0])
