"""Every rule keeps the house rules."""

from pathlib import Path

import pytest

from unet2015.config.imports import closure
from workflow.project import ROOT
from workflow.rules import rules

TARGETS = {"all", "data", "experiments", "crossvalidation", "benchmarks"}


@pytest.fixture(params=sorted(set(rules()) - TARGETS))
def rule(request):
    return rules()[request.param]


def test_targets_only_gather_files():
    assert set(rules()) >= TARGETS
    for name in TARGETS:
        assert not rules()[name].output
        assert rules()[name].shellcmd is None


def test_shell_runs_the_first_code_input(rule):
    assert rule.shellcmd.startswith("python {input.code[0]:q} ")
    assert not rule.is_run and rule.script is None


def test_code_is_the_import_closure(rule):
    listed = [str(path) for path in rule.input.code]
    program = Path(listed[0])
    expected = [str(path) for path in closure(ROOT / program)]
    assert [str(ROOT / path) for path in listed] == expected


def test_inputs_and_outputs_are_named(rule):
    for files in (rule.input, rule.output):
        named = {name: span for name, span in files._get_names()}
        covered = sum((stop or start + 1) - start for start, stop in named.values())
        assert covered == len(files), f"{rule.name} has files without a name"


def test_log_and_benchmark_are_there_and_carry_the_wildcards(rule):
    # Snakemake refuses to time what may come from a cache.
    assert bool(rule.benchmark) != rule.name.startswith("cached_")
    assert len(rule.log) == 1
    assert "{log}" in rule.shellcmd


def test_threads_and_resources_are_stated(rule):
    assert "_cores" in rule.resources
    for resource in ("mem_mb", "runtime"):
        assert resource in rule.resources, f"{rule.name} states no {resource}"


def test_conda_file_exists(rule):
    path = Path(str(rule.conda_env))
    assert path.name in ("cpu.yaml", "gpu.yaml")
    assert (ROOT / "envs" / path.name).is_file()


def test_rule_is_explained(rule):
    assert rule.docstring
    assert rule.message


def test_report_files_have_captions(rule):
    for file in rule.output:
        flags = getattr(file, "flags", {})
        if "report" in flags:
            caption = Path(str(flags["report"].caption.get_path_or_uri(False)))
            assert caption.is_file(), f"{rule.name} names a missing caption"


def test_some_results_are_in_the_report():
    flagged = [
        rule.name
        for rule in rules().values()
        for file in rule.output
        if "report" in getattr(file, "flags", {})
    ]
    assert {"table1", "figure_qualitative", "figure_weights"} <= set(flagged)
