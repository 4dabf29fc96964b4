"""The command line of scripts/evaluate.py: files in, files out, clear errors."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from training_files import status_of

import evaluate
from unet2015.metrics.challenge import METRICS, THRESHOLDS

from .cases import EMBEDDED, EXPECTED

PROGRAM = Path(evaluate.__file__)
STACK = "r06_binary_noise_stack"


@pytest.fixture
def program(tmp_path, capsys):
    """Call the program in this process; give status, stdout and stderr."""

    def call(labels, proposal, *options):
        paths = {"--labels": labels, "--probability": proposal}
        argv = ["--output", str(tmp_path / "scores.json"), *options]
        for option, stack in paths.items():
            if isinstance(stack, np.ndarray):
                path = tmp_path / f"{option.strip('-')}.tif"
                tifffile.imwrite(path, stack, photometric="minisblack")
                stack = path
            argv += [option, str(stack)]
        return status_of(evaluate, *argv), *capsys.readouterr()

    return call


def case(name):
    return EMBEDDED / f"{name}_labels.tif", EMBEDDED / f"{name}_proposal.tif"


def pair(shape=(2, 6, 7)):
    labels = np.full(shape, 255, np.uint8)
    labels[..., 3] = 0
    return labels, (labels / 255).astype(np.float32)


@pytest.mark.slow
def test_as_a_stranger_calls_it(tmp_path):
    """From another folder, by the path of the script."""
    labels, proposal = case(STACK)
    output, table = tmp_path / "new" / "scores.json", tmp_path / "scores.csv"
    command = [sys.executable, PROGRAM, "--labels", labels, "--probability", proposal]
    command += ["--output", output, "--scores", table]
    done = subprocess.run(
        command, cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    header, *rows = done.stdout.splitlines()
    assert header.split() == ["metric", "score", "threshold", "seconds"]
    assert [row.split()[0] for row in rows] == list(METRICS)
    assert len({len(row) for row in (header, *rows)}) == 1
    scores = json.loads(output.read_text())
    expected = EXPECTED[STACK]
    for name in METRICS:
        assert set(scores[name]) == {"value", "threshold", "curve", "seconds"}
    assert scores["thresholds"] == expected["thresholds"] == THRESHOLDS.tolist()
    assert scores["warping_error"]["value"] == pytest.approx(expected["warping_error"])
    assert scores["warping_error"]["curve"] == pytest.approx(expected["warping_curve"])
    check_table(table, scores)


def check_table(path, scores):
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["slice", "metric", "threshold", "value"]
    assert len(rows) == (3 + 1) * (4 * 11 + 10)
    for name in METRICS:
        whole = [r for r in rows if (r["slice"], r["metric"]) == ("all", name)]
        assert [float(r["value"]) for r in whole] == scores[name]["curve"]
        thresholds = scores["thresholds"][: len(whole)]
        assert [float(r["threshold"]) for r in whole] == thresholds
    assert {r["slice"] for r in rows} == {"0", "1", "2", "all"}


def test_rescale_divides_8_bit_proposals(program, tmp_path):
    name = "h16_uint8_proposal"
    status, _, stderr = program(*case(name), "--rescale")
    assert (status, stderr) == (0, "")
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert scores["pixel_error"]["value"] == pytest.approx(
        EXPECTED[name]["pixel_error"]
    )


def test_probabilities_that_rounding_takes_out_of_bounds_are_clipped(program, tmp_path):
    labels, proposal = pair()
    scores = []
    for low, high in ((0, 1), (-1e-9, 1.0000001)):
        rounded = np.where(proposal > 0, np.float32(high), np.float32(low))
        status, _, stderr = program(labels, rounded)
        assert (status, stderr) == (0, "")
        text = (tmp_path / "scores.json").read_text()
        scores.append(json.loads(text)["pixel_error"]["curve"])
    assert scores[0] == scores[1]


def test_unknown_labels_are_a_state_and_no_error(program, tmp_path):
    labels, proposal = pair()
    table = tmp_path / "scores.csv"
    labels[:] = 127
    status, stdout, stderr = program(labels, proposal, "--scores", str(table))
    assert status == 0
    assert stdout.count("unknown") == 5
    assert stderr.count("\n") == 1 and "labels unknown" in stderr
    scores = json.loads((tmp_path / "scores.json").read_text())
    null = dict.fromkeys(("value", "threshold", "curve", "seconds"))
    assert all(scores[name] == null for name in METRICS)
    assert table.read_text() == "slice,metric,threshold,value\n"


def test_split_chooses_label_slices(program, tmp_path):
    labels, proposal = pair((4, 6, 7))
    labels[0] = labels[3] = 0
    split, table = tmp_path / "split.json", tmp_path / "scores.csv"
    split.write_text(json.dumps({"score": {"stack": "train", "slices": [1, 2]}}))
    options = ("--split", str(split), "--scores", str(table))
    status, *_ = program(labels, proposal[1:3], *options)
    assert status == 0
    scores = json.loads((tmp_path / "scores.json").read_text())
    assert scores["rand_error"]["value"] == 0
    with table.open(newline="") as file:
        assert {row["slice"] for row in csv.DictReader(file)} == {"1", "2", "all"}


def grey(stack):
    return (stack * 255).astype(np.uint8)


def with_value(stack, value):
    stack = stack.copy()
    stack[0, 0, 0] = value
    return stack


LABELS, PROPOSAL = pair()
REFUSED = {
    "above one": (LABELS, with_value(PROPOSAL, 1.5), ["1.5", "0..1"]),
    "below zero": (LABELS, with_value(PROPOSAL, -0.25), ["-0.25", "0..1"]),
    "above one, barely": (LABELS, with_value(PROPOSAL, 1.00001), ["1.00001", "0..1"]),
    "16-bit proposal": (LABELS, (PROPOSAL * 65535).astype(np.uint16),
                        ["uint16 values 0..65535", "0..1", "divide it by 65535"]),
    "classes": (LABELS, np.stack([PROPOSAL, 1 - PROPOSAL], -1),
                ["axes QQYX", "axis 3 of size 2", "classes"]),
    "infinite": (LABELS, with_value(PROPOSAL, np.inf), ["inf", "0..1"]),
    "another size": (LABELS, PROPOSAL[:, 1:], ["(2, 5, 7)", "(2, 6, 7)"]),
    "three values": (with_value(LABELS, 3), PROPOSAL, ["0, 3, 255", "threshold"]),
    "one and 255": (with_value(LABELS * 1, 1), PROPOSAL, ["0, 1, 255", "1 and 0"]),
    "8-bit proposal, unknown labels": (np.full_like(LABELS, 127), grey(PROPOSAL),
                                       ["0..255", "--rescale"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(program, tmp_path, name):
    labels, proposal, words = REFUSED[name]
    check_error(program(labels, proposal), tmp_path, words)


def check_error(result, tmp_path, words):
    """One line on stderr that names value, bound and cure; no file is left."""
    status, stdout, stderr = result
    assert (status, stdout) == (1, "")
    assert stderr.count("\n") == 1 and stderr.startswith("error: ")
    for word in words:
        assert word in stderr
    assert not list(tmp_path.glob("scores*"))


@pytest.mark.parametrize(
    ("proposal", "words"),
    [
        (PROPOSAL, ["0..1 already", "leave out --rescale"]),
        (PROPOSAL * 256, ["256", "0..255"]),
        (with_value(PROPOSAL, np.nan), ["nan", "0..255"]),
        ((PROPOSAL * 65535).astype(np.uint16), ["65535", "divided by 65535"]),
    ],
)
def test_refused_to_rescale(program, tmp_path, proposal, words):
    check_error(program(LABELS, proposal, "--rescale"), tmp_path, words)


def test_refused_threads(program):
    status, _, stderr = program(LABELS, PROPOSAL, "--threads", "0")
    assert status == 2
    assert "--threads: 0 is too few, expected 1 or more" in stderr
