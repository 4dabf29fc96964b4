import ast
import json
import re
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.lock", "benchmark.lock", "cluster.lock"]
ENVIRONMENTS = ["cpu", "gpu"]

PIP_NAMES = {
    "pytorch-cpu": "torch",
    "pytorch-gpu": "torch",
    "matplotlib-base": "matplotlib",
    "py-opencv": "opencv-python-headless",
}
"""Packages whose conda name differs from the one on PyPI."""

IMPORT_NAMES = {
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "scikit-image": "skimage",
}
"""Packages that are imported by another name."""


def pins(name):
    """Return the lines of a lock."""
    lines = (ROOT / "envs" / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def lock(name="requirements.lock"):
    """Return the locked versions by lower-case name."""
    return {
        package.lower(): version
        for package, version in (pin.split("==") for pin in pins(name))
    }


def conda(name):
    """Return the versions of a conda environment by their name on PyPI."""
    environment = yaml.safe_load((ROOT / f"envs/{name}.yaml").read_text())
    pins = dict(part.split("=") for part in environment["dependencies"])
    return {PIP_NAMES.get(package, package): pins[package] for package in pins}


def imported():
    """Return the third-party modules that the programs import."""
    names = set()
    for path in (ROOT / "scripts").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module.split(".")[0])
    ours = {path.stem for path in (ROOT / "scripts").iterdir()}
    return names - ours - set(sys.stdlib_module_names)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_is_exact_and_names_every_package_once(name):
    for pin in pins(name):
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", pin)
    assert len(lock(name)) == len(pins(name))


def test_further_locks_have_only_what_the_main_lock_lacks():
    assert not {*lock("benchmark.lock"), *lock("cluster.lock")} & {*lock()}


def test_every_peer_of_the_benchmarks_is_locked():
    wanted = set()
    for path in (ROOT / "scripts").rglob("*.py"):
        wanted |= set(re.findall(r'\bpeer\("(\w+)', path.read_text(encoding="utf-8")))
    assert {"monai", "albumentations", "openvino"} == wanted
    assert wanted <= {*lock("benchmark.lock")}


def test_installed_versions_are_the_locked_ones():
    installed = {name: metadata.version(name).split("+")[0] for name in lock()}
    assert installed == lock()  # a local part names the build, such as +cpu


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_conda_environment_pins_the_locked_versions(environment):
    locked = lock()
    # the fourth number counts the builds of the wheel, which conda does not have
    number = locked["opencv-python-headless"].rsplit(".", 1)[0]
    locked["opencv-python-headless"] = number
    versions = conda(environment)
    assert versions.pop("python")
    assert versions == {name: locked[name] for name in versions}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_conda_environment_has_what_the_programs_import(environment):
    offered = {IMPORT_NAMES.get(name, name) for name in conda(environment)}
    assert imported() <= offered


def test_lock_has_what_the_programs_import():
    assert imported() <= {IMPORT_NAMES.get(name, name) for name in lock()}


def test_both_conda_environments_differ_in_torch_alone():
    texts = [(ROOT / f"envs/{name}.yaml").read_text() for name in ENVIRONMENTS]
    dependencies = [set(yaml.safe_load(text)["dependencies"]) for text in texts]
    differing = dependencies[0] ^ dependencies[1]
    assert {pin.split("=")[0] for pin in differing} == {"pytorch-cpu", "pytorch-gpu"}


def instructions():
    """Return the Dockerfile's (keyword, rest) in order."""
    lines = (ROOT / "envs/Dockerfile").read_text().splitlines()
    return [line.split(" ", 1) for line in lines if line and line[0] != "#"]


def the(keyword):
    """Return the rest of the Dockerfile's only instruction of a kind."""
    (found,) = [rest for name, rest in instructions() if name == keyword]
    return found


def test_container_has_the_python_of_the_conda_environments():
    assert instructions()[0] == ["FROM", f"python:{conda('cpu')['python']}-slim"]


@pytest.mark.slow
def test_container_installs_the_lock():
    source, target = the("COPY").split()
    program, *options = shlex.split(the("RUN"))
    assert (program, options[-1]) == ("pip", target)
    options[-1] = str(ROOT / source)
    command = [sys.executable, "-m", program, *options, "--dry-run", "--no-index"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "Would install" not in run.stdout


def test_builder_gets_the_lock_alone():
    ignored = (ROOT / "envs/Dockerfile.dockerignore").read_text().splitlines()
    source = the("COPY").split()[0]
    assert [line for line in ignored if line[0] != "#"] == ["*", f"!{source}"]


@pytest.mark.slow
def test_container_runs_snakemake():
    (program,) = json.loads(the("ENTRYPOINT"))
    command = [str(Path(sys.executable).parent / program), "--version"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.stdout.strip() == lock()["snakemake"]


def make(folder, **variables):
    """Set up .venv in a folder with an empty lock, as far as it goes."""
    (folder / "envs").mkdir()
    (folder / "envs/requirements.lock").touch()
    settings = [f"{name}={value}" for name, value in variables.items()]
    command = ["make", "-f", str(ROOT / "Makefile"), ".venv/bin/.installed", *settings]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("version", "platform", "line"),
    [
        ((3, 10), "linux", "Python 3.10 is too old: unet2015 needs 3.11 to 3.14; "),
        ((3, 15), "darwin", "Python 3.15 is too new: unet2015 needs 3.11 to 3.14; "),
        ((3, 12), "win32", "unet2015 needs Linux or macOS; on Windows, run make in "),
    ],
)
def test_make_refuses_what_the_lock_does_not_know(tmp_path, version, platform, line):
    fake = tmp_path / "python"
    prelude = f"import sys; sys.version_info = {version}; sys.platform = {platform!r}"
    fake.write_text(f"""#!{sys.executable}\n{prelude}\nexec(sys.argv[2])\n""")
    fake.chmod(0o755)
    run = make(tmp_path, PYTHON=fake)
    assert run.stderr.splitlines()[0].startswith(line), run.stderr
    assert not (tmp_path / ".venv").exists()


WITHOUT_PACKAGES = """#!/bin/sh
case "$2" in
venv) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
pip) touch asked && exit 1 ;;
esac
"""


@pytest.mark.parametrize("updated", [False, True])
def test_failed_installation_leaves_no_environment_but_an_older_one(tmp_path, updated):
    python = tmp_path / "python"
    python.write_text(WITHOUT_PACKAGES)
    python.chmod(0o755)
    if updated:
        (tmp_path / ".venv").mkdir()
    run = make(tmp_path, PYTHON=python)
    assert run.returncode != 0
    assert (tmp_path / "asked").exists()
    assert (tmp_path / ".venv").exists() == updated
