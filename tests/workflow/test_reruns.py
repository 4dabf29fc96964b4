"""A rerun redoes what changed, and nothing else."""

import pytest
import yaml

from unet2015.config.code_version import closure
from workflow.project import ROOT, planned

FIGURES = {
    "figure_architecture",
    "figure_overlap_tile",
    "figure_qualitative",
    "figure_errors",
    "figure_weights",
    "figure_augmentation",
    "figure_threshold_curves",
    "figure_training_curves",
}
SCORING = {
    "evaluate",
    "figure_errors",
    "figure_threshold_curves",
    "scores",
    "table_run_times",
    "table1",
    "provenance",
    "report",
}
PREDICTION = {"predict", "figure_qualitative", "figure_overlap_tile"} | SCORING
PREDICTION |= {"segment_test", "page_test"}
TRAINING = {"train", "figure_training_curves"} | PREDICTION
WEIGHTS = {"weight_maps", "figure_weights"} | TRAINING
AUGMENTATION = {"augment", "figure_augmentation"} | WEIGHTS


def edit(path):
    """Change what a Python file means, though not what it does."""
    path.write_text(path.read_text() + "\nEDITED = True\n")


def comment(path):
    """Change a Python file's comments, docstrings and layout."""
    text = path.read_text().replace('"""', '"""Once more: ', 1)
    path.write_text(f"# edited\n\n{text}\n\n# edited\n")


def overlay(project, **sections):
    """Change the config of a project."""
    (project / "config/extra.yaml").write_text(yaml.safe_dump(sections))


def test_edited_layout_comments_and_docstrings_rerun_nothing(project):
    for path in project.glob("config/*.yaml"):
        content = yaml.safe_load(path.read_text())
        path.write_text(yaml.safe_dump(content, indent=8, sort_keys=False))
    for path in project.rglob("scripts/**/*.py"):
        comment(path)
    assert planned(project) == set()


def test_edited_figure_program_reruns_that_figure(project):
    edit(project / "scripts/figure_errors.py")
    assert planned(project) == {"figure_errors", "report"}


@pytest.mark.parametrize(
    ("module", "rerun"),
    [
        ("figures/style.py", FIGURES | {"page_test", "report"}),
        ("report/html_page.py", {"check", "report"}),
        ("data/findings.py", {"check", "report"}),
        ("metrics/rand.py", SCORING | {"page_test"}),
        ("inference/views.py", PREDICTION),
        ("training/optimisers.py", TRAINING),
        ("samples/augmentation.py", AUGMENTATION),
    ],
)
def test_edited_module_reruns_what_imports_it(project, module, rerun):
    edit(project / f"scripts/unet2015/{module}")
    assert planned(project) == rerun


def test_edited_module_reruns_every_program_with_it_in_the_closure(project):
    module = "atomic_write.py"
    edit(project / f"scripts/unet2015/{module}")
    programs = {
        path.stem
        for path in (ROOT / "scripts").glob("*.py")
        if ROOT / f"scripts/unet2015/{module}" in closure(path)
    }
    names = {"table_scores": "scores", "segment": "segment_test"}
    names["slice_page"] = "page_test"
    run_here = {names.get(p, p) for p in programs} - {
        "document_config",
        "document_results",
        "download",
        "import_stacks",
        "table_rows",
        "table_choices",
        "table_effects",
        "table_experiments",
        "table_thresholds",
        "figure_time_to_accuracy",
        "table_curve",
        "figure_claims",
        "figure_partition",
        "partition",
        "score_further",
        "table_claims",
        "train_and_score",
        "table_benchmarks",
        "export",
        "export_package",
        "table_parity",
    }
    assert run_here <= planned(project)


@pytest.mark.parametrize(
    ("sections", "rerun"),
    [
        ({"inference": {"scales": {"test_time_augmentation": "none"}}}, PREDICTION),
        ({"training": {"demo": {"learning_rate": 0.004}}}, TRAINING),
        (
            {"network": {"demo": {"width": 5}}},
            TRAINING | {"figure_architecture", "check"},
        ),
        ({"weights": {"border": {"w0": 9}}}, WEIGHTS),
        (
            {"augmentation": {"demo": {"displacement_std": 4}}},
            AUGMENTATION | {"check"},
        ),
        ({"augmentation": {"demo": {"noise": 4}}}, AUGMENTATION),
        ({"weights": {"uniform": {"w0": 1}}}, set()),
        ({"training": {"unused": {"steps": 7}}}, set()),
    ],
)
def test_changed_setting_reruns_what_its_name_reaches(project, sections, rerun):
    overlay(project, **sections)
    assert planned(project) - {"settings", "check_settings"} == rerun


def test_new_seed_shares_what_does_not_depend_on_it(project):
    overlay(project, run={"seeds": [0, 1]})
    rerun = planned(project)
    assert "train" in rerun
    shared = {"phantom", "split", "settings", "training_statistics", "figure_weights"}
    assert not rerun & shared
