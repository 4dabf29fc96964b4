"""Trainings that begin with a model: one of the workflow's own, or a file."""

import json
import os
import shutil

import pytest
import yaml

from workflow.project import planned, snakemake

SOURCE = "results/phantom/models/test/demo_border_demo_demo/seed0/model.safetensors"
CONTINUED = "results/other/models/test/demo_border_demo_more/seed0/model.safetensors"
FOLD = "results/{}/models/fold0/demo_border_demo_more/seed0/model.safetensors"


def configure(project, initial, **sections):
    """Let a second phantom's training begin with a model."""
    extra = {
        "datasets": {
            "other": {
                "source": "phantom",
                "phantom": {"seed": 2, "slices": 3, "side": 96},
            }
        },
        "training": {"more": {"initial": str(initial)}},
        "experiments": {"continued": {"training": "more"}},
    }
    (project / "config/extra.yaml").write_text(yaml.safe_dump(extra | sections))


def run(project, *targets):
    done = snakemake(project, *targets, "--cores", "2")
    assert done.returncode == 0, done.stdout + done.stderr


def test_settings_of_a_finished_training_say_nothing_of_it(finished):
    settings = json.loads(
        (finished / "results/phantom/settings/training/demo.json").read_text()
    )
    assert "steps" in settings
    assert "initial" not in settings


@pytest.mark.long
def test_model_that_the_workflow_makes(project):
    configure(project, SOURCE)
    assert planned(project) == set()
    shutil.rmtree(project / "results/phantom/models")
    output = snakemake(project, CONTINUED, "--dry-run", "--cores", "1").stdout
    assert output.count("rule train:") == 2  # that of the phantom first
    run(project, CONTINUED)
    record = json.loads((project / CONTINUED).with_name("run.json").read_text())
    card = json.loads((project / SOURCE).with_name("model.json").read_text())
    assert record["initial"] == {"path": SOURCE, "sha256": card["sha256"]}
    assert planned(project, CONTINUED) == set()
    training = {"demo": {"steps": 4}, "more": {"initial": SOURCE, "steps": 3}}
    configure(project, SOURCE, training=training)
    output = snakemake(project, CONTINUED, "--dry-run", "--cores", "1").stdout
    assert output.count("rule train:") == 2


@pytest.mark.long
def test_model_from_elsewhere_counts_by_its_content(project):
    folder = project / "shelf"
    folder.mkdir()
    for name in ("model.safetensors", "model.json"):
        shutil.copy((project / SOURCE).with_name(name), folder / name)
    configure(project, "shelf/model.safetensors")
    run(project, CONTINUED)
    for path in folder.iterdir():
        path.touch()
    assert planned(project, CONTINUED) == set()
    # Another model, made before: that of the continued training itself.
    for path in folder.iterdir():
        shutil.copy((project / CONTINUED).with_name(path.name), path)
        os.utime(path, (1e9, 1e9))
    assert planned(project, CONTINUED) == {"train"}
    shutil.rmtree(folder)
    done = snakemake(project, CONTINUED, "--dry-run", "--cores", "1")
    assert done.returncode != 0
    text = done.stdout + done.stderr
    assert "training.more.initial: shelf/model.safetensors does not exist" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"network": {"wide": {"width": 5}}},
            "has width 4, expected 5 as the network to train; change network.<name>.wi",
        ),
        (
            {"augmentation": {"wide": {"neighbours": 1}}},
            "has in_channels 1, expected 3 as the network to train; change augmentat",
        ),
    ],
)
def test_another_network_is_refused_before_any_work(project, change, words):
    (section,) = change
    continued = {"continued": {"training": "more", section: "wide"}}
    configure(project, SOURCE, experiments=continued, **change)
    done = snakemake(project, CONTINUED, "--cores", "1")
    assert done.returncode != 0
    message = f"config: training.more.initial is {SOURCE}, whose network {words}"
    assert message in done.stdout + done.stderr
    assert not (project / "results/other").exists()


def test_model_that_saw_the_held_out_slices_is_refused(project):
    configure(project, SOURCE)
    done = snakemake(project, FOLD.format("phantom"), "--dry-run", "--cores", "1")
    assert done.returncode != 0
    words = "was trained on slices that fold0 of phantom holds out; name a model of an"
    assert words in done.stdout + done.stderr
    assert "train" in planned(project, FOLD.format("other"))
