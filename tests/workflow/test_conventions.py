"""Every rule keeps the house rules."""

import importlib.util
import re
from pathlib import Path

import pytest
from snakemake.io import is_flagged

from unet2015.benchmarks.machine import memory
from unet2015.config.code_version import code_version
from workflow.project import ROOT
from workflow.rules import local_rules, rules, workflow

TARGETS = {"all", "data", "experiments", "curves", "crossvalidation", "benchmarks"}
TARGETS |= {"verdicts_pilot", "verdicts_primary", "verdicts", "verdicts_finished"}
TARGETS |= {"predictions", "packages", "experiments_finished"}
WRITING = {"settings", "dataset_settings", "check_settings", "run_list"}
WRITING |= {"curve_points", "claim_runs", "experiment_runs"}
"""Rules that write a param to a file and need no program for it."""

CACHED = {"download", "augment", "weight_maps"}
"""Rules whose files may come from other folders; Snakemake does not time them."""


@pytest.fixture(params=sorted(set(rules()) - TARGETS))
def rule(request):
    return rules()[request.param]


@pytest.fixture(params=sorted(set(rules()) - TARGETS - WRITING))
def running(request):
    """A rule that runs a program."""
    return rules()[request.param]


def test_targets_only_gather_files():
    assert set(rules()) >= TARGETS
    for name in TARGETS:
        assert not rules()[name].output
        assert rules()[name].shellcmd is None


def test_shell_alone_does_the_work(rule):
    assert rule.shellcmd
    assert not rule.is_run and rule.script is None


def test_shell_runs_the_program(running):
    assert running.shellcmd.startswith("python {params.program:q} {params.files} ")


def test_code_is_that_of_the_program(running):
    path = ROOT / running.params.program({}, [])
    assert running.params.code == code_version(path)


def test_places_are_not_compared(running):
    for param in (running.params.program, running.params.files):
        assert running._is_deriving_function(param)


def test_program_has_the_options_of_the_rule(running, capsys):
    path = ROOT / running.params.program({}, [])
    spec = importlib.util.spec_from_file_location(path.stem, path)
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    with pytest.raises(SystemExit):
        program.main(["--help"])
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    files = {
        name for part in (running.input, running.output) for name, _ in part.items()
    }
    options = {f"--{name.replace('_', '-')}" for name in files - {"also"}}
    further = running.shellcmd.split(" 3>&2 ")[0]
    assert options | set(re.findall(r"--[a-z-]+", further)) <= known


def test_inputs_and_outputs_are_named(rule):
    for files in (rule.input, rule.output):
        named = {name: span for name, span in files._get_names()}
        covered = sum((stop or start + 1) - start for start, stop in named.values())
        covered += sum(is_flagged(file, "unpack") for file in files)  # names them
        assert covered == len(files), f"{rule.name} has files without a name"


def test_log_gets_what_is_printed(rule):
    assert len(rule.log) == 1
    assert "{log:q}" in rule.shellcmd


def test_every_program_is_timed_by_snakemake_or_by_itself(running):
    assert bool(running.benchmark) == (running.name not in CACHED)


def test_what_a_node_needs_is_stated(rule):
    if rule.name not in local_rules():
        for resource in ("mem_mb", "runtime", "gpu"):
            assert resource in rule.resources, f"{rule.name} states no {resource}"


def test_jobs_side_by_side_fit_into_the_memory_of_this_machine():
    limit = workflow().global_resources["mem_mb"].value
    assert limit == memory() // 10**6


def test_conda_file_exists(rule):
    path = Path(str(rule.conda_env))
    assert path.name in ("cpu.yaml", "gpu.yaml")
    assert (ROOT / "envs" / path.name).is_file()


def test_rule_is_explained(rule):
    assert rule.docstring


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
