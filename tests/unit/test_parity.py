import json

import numpy as np
import pandas as pd
import pytest
from training_files import call

import table_parity
from unet2015.data.tiff import write_stack
from unet2015.errors import InputError
from unet2015.experiments.parity import (
    Prediction,
    difference,
    parity_table,
)
from unet2015.report.parity_tables import parity_markdown

FLOAT = {"precision": "float32", "test_time_augmentation": "none", "peer": "single"}
RUNS = [
    {"inference": "single", "backend": "torch", **FLOAT},
    {"inference": "onnx", "backend": "onnxruntime", **FLOAT},
]
BASE = np.array([[[0.1, 0.4], [0.5, 0.9]]], dtype=np.float32)
OTHER = np.array([[[0.1, 0.6], [0.5, 0.8]]], dtype=np.float32)


def test_difference_of_two_predictions():
    found = difference(BASE, OTHER)
    assert found["largest_difference"] == pytest.approx(0.2)
    assert found["mean_difference"] == pytest.approx(0.3 / 4)
    assert found["changed_pixels"] == 1 / 4  # 0.5 is not above 0.5
    assert difference(OTHER, BASE) == pytest.approx(found)
    assert set(difference(BASE, BASE).values()) == {0}


def test_difference_of_other_slices_is_refused():
    with pytest.raises(InputError, match=r"shapes \(1, 2, 2\) and \(1, 2, 1\), expec"):
        difference(BASE, OTHER[:, :, :1])


def test_table_sets_each_run_beside_its_peer():
    predictions = {
        "onnx": Prediction(OTHER, 0.91, 1_500_000),
        "single": Prediction(BASE, 0.95, 2_000_000),
    }
    table = parity_table(RUNS, predictions)
    peer, ours = table.to_dict("records")
    assert (peer["inference"], peer["bytes"], peer["v_rand"]) == (
        "single",
        2_000_000,
        0.95,
    )
    assert pd.isna(peer["v_rand_change"]) and pd.isna(peer["changed_pixels"])
    assert (ours["backend"], ours["bytes"]) == ("onnxruntime", 1_500_000)
    assert ours["v_rand_change"] == pytest.approx(-0.04)
    assert ours["largest_difference"] == pytest.approx(0.2)
    lines = parity_markdown(table, BASE.shape).splitlines()
    assert lines[2] == ("| single | torch | float32 | 2.0 | 0.95000 | – | – | – |")
    assert lines[3] == (
        "| onnx | onnxruntime | float32 | 1.5 | 0.91000 | -0.04000 | 0.2 | 25.000% |"
    )
    assert lines[-1].startswith("Held-out slices: 1 x 2 x 2.")


def test_unknown_labels_leave_dashes():
    predictions = {
        name: Prediction(BASE, float("nan"), 1) for name in ("single", "onnx")
    }
    text = parity_markdown(parity_table(RUNS, predictions), BASE.shape)
    assert "| 0.0 | – | – | 0 | 0.000% |" in text
    assert "nan" not in text


@pytest.fixture
def written(tmp_path):
    """Write two predictions; return a function that runs the program."""
    header = "slice,metric,threshold,value\n"
    files = {}
    for name, stack, best in (("single", BASE, 0.95), ("onnx", OTHER, 0.91)):
        write_stack(tmp_path / f"{name}.tif", stack)
        (tmp_path / f"{name}.csv").write_text(
            f"{header}0,v_rand,0.1,0.99\nall,v_rand,0.1,0.2\nall,v_rand,0.2,{best}\n"
            "all,v_rand,0.3,0.3\nall,v_info,0.2,0.98\n"
        )
        (tmp_path / f"{name}.bin").write_bytes(b"x" * (100 if name == "onnx" else 200))
        kinds = {"model": "bin", "probability": "tif", "scores": "csv"}
        files[name] = {k: str(tmp_path / f"{name}.{end}") for k, end in kinds.items()}

    def run(runs=RUNS):
        listed = [{**run, **files.get(run["inference"], {})} for run in runs]
        (tmp_path / "runs.json").write_text(json.dumps(listed))
        made = {n: tmp_path / f"runs.{n}" for n in ("csv", "markdown")}
        call(table_parity, {"runs": tmp_path / "runs.json", **made})
        return pd.read_csv(made["csv"]), made["markdown"].read_text()

    return run


def test_program_reads_files_and_writes_both_tables(written):
    table, text = written()
    assert table["inference"].tolist() == ["single", "onnx"]
    assert table["bytes"].tolist() == [200, 100]
    assert table["v_rand"].tolist() == [0.95, 0.91]
    assert table["v_rand_change"][1] == pytest.approx(-0.04)
    assert "| onnx | onnxruntime |" in text


@pytest.mark.parametrize(
    ("runs", "message"),
    [
        ([], "no inference setting is to be compared; give an experiment one with"),
        (RUNS[1:], "the peer of onnx is 'single', expected one of onnx; correct"),
        ([{"inference": "single"}] * 2, "describes a run by .*; correct"),
    ],
)
def test_wrong_description_is_refused(written, runs, message):
    with pytest.raises(InputError, match=message):
        written(runs)
