"""Other backends and precisions: from the trained model to the table of parity."""

import pandas as pd
import pytest
import yaml

from workflow.project import ROOT, planned, snakemake

TABLE = "results/phantom/tables/parity.csv"
MODELS = "results/phantom/models/fold0/demo_border_demo_demo/seed0"
BENCHMARK = yaml.safe_load((ROOT / "config/benchmark.yaml").read_text())


def overlay(project, **sections):
    """Add the settings and experiments of the benchmark's overlay, and others."""
    added = {key: BENCHMARK[key] for key in ("inference", "experiments")}
    (project / "config/extra.yaml").write_text(yaml.safe_dump({**added, **sections}))


@pytest.mark.long
def test_backends_agree_and_what_changes_is_predicted_again(project):
    overlay(project)
    run = snakemake(project, TABLE, "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    table = pd.read_csv(project / TABLE).set_index("inference")
    assert list(table.index) == ["single-float32", "onnx", "single-bfloat16"]
    assert table.loc["onnx", "largest_difference"] < 1e-4
    assert table.loc["onnx", "v_rand_change"] == pytest.approx(0, abs=1e-3)
    assert 1e-5 < table.loc["single-bfloat16", "largest_difference"] < 0.3
    for name, file in (
        ("single-float32", "model.safetensors"),
        ("single-bfloat16", "model.safetensors"),
        ("onnx", "model.onnx"),
    ):
        size = (project / MODELS / file).stat().st_size
        assert table.loc[name, "bytes"] == size
    assert planned(project, TABLE) == set()
    path = project / "scripts/unet2015/inference/onnx_export.py"
    kept = path.read_text()
    path.write_text(kept + "\nEDITED = True\n")
    rules = {"export", "predict", "evaluate", "table_parity"}
    assert planned(project, TABLE) == rules
    path.write_text(kept)
    inference = BENCHMARK["inference"]
    overlay(project, inference={**inference, "onnx": inference["single-bfloat16"]})
    rules = {"settings", "predict", "evaluate", "run_list", "table_parity"}
    assert planned(project, TABLE) == rules


def test_table_is_in_the_report_of_a_benchmark(project):
    overlay(project)
    rules = planned(project, "benchmarks")
    assert {"export", "table_parity", "report"} <= rules


def test_without_another_backend_the_table_says_so(project):
    run = snakemake(project, TABLE, "--cores", "1")
    assert run.returncode != 0
    assert "no inference setting is to be compared; give an experiment one" in (
        run.stdout + run.stderr
    )
