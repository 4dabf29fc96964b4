"""One SLURM for all tests of this folder; without one they fail in CI.

Elsewhere they are skipped, and the summary at the end says so.
"""

import importlib.util
import os
import threading

import pytest

from cluster import slurm
from cluster.head import MODELS, Head, copy_untrained, make_project

MISSING = pytest.StashKey[str]()
PLUGINS = ("slurm", "cluster_generic")


def required() -> bool:
    """Return whether the tests may not be skipped."""
    return any(os.environ.get(name) for name in ("CI", "UNET2015_REQUIRE_SLURM"))


def refuse(config, reason):
    """Fail, or skip and remember to say so."""
    if required():
        pytest.fail(reason, pytrace=False)
    config.stash[MISSING] = reason
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter, config):
    """Say that nothing was tested."""
    if reason := config.stash.get(MISSING, None):
        terminalreporter.section("CLUSTER NOT TESTED", sep="!", red=True, bold=True)
        terminalreporter.line(reason)


def start():
    """Start SLURM; raise an error that says why that cannot be."""
    for name in PLUGINS:
        if not importlib.util.find_spec(f"snakemake_executor_plugin_{name}"):
            raise slurm.UnavailableError(
                f"snakemake-executor-plugin-{name} is not installed; run make cluster"
            )
    slurm.control("install")
    slurm.control("stop")  # what an interrupted session left
    slurm.control("start")


@pytest.fixture(scope="session")
def cluster(request):
    """SLURM on this machine, with two GPUs that do nothing."""
    try:
        start()
    except slurm.UnavailableError as error:
        refuse(request.config, str(error))
    yield
    slurm.control("stop")


@pytest.fixture(scope="session")
def started(cluster, tmp_path_factory):
    """Return a function that starts a head; what it leaves is cancelled in the end."""
    heads = []

    def start_head(folder, *arguments, profile="slurm"):
        options = ("--profile", f"workflow/profiles/{profile}", *arguments)
        heads.append(Head(folder, *options))
        return heads[-1]

    yield start_head
    for head in heads:
        if head.process.poll() is None:
            head.process.kill()
            head.process.wait()
        slurm.cancel([job.number for job in slurm.running(head.folder)])


@pytest.fixture(scope="session")
def whole(started, tmp_path_factory):
    """The head of the whole workflow; it runs beside the other tests."""
    return started(make_project(tmp_path_factory.mktemp("whole")))


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A project trained on this machine, undisturbed and without SLURM."""
    folder = make_project(tmp_path_factory.mktemp("prepared"))
    Head(folder, "--cores", "2", *MODELS).succeed()
    return folder


@pytest.fixture(scope="session")
def untrained(prepared, tmp_path_factory):
    """Return a function that gives a private project with all but the networks."""
    return lambda name: copy_untrained(prepared, tmp_path_factory.mktemp(name) / "x")


@pytest.fixture(scope="session")
def timed_out(started, untrained):
    """A head whose first training hangs, until SLURM ends it after a minute."""
    minutes = "--set-resources=train:runtime=1 if attempt == 1 else 9"
    head = started(untrained("timed_out"), MODELS[0], minutes)
    thread = threading.Thread(target=head.hang, args=[0])
    thread.start()
    yield head
    thread.join()


@pytest.fixture(scope="session", autouse=True)
def background(request):
    """Start the two longest runs first, if they are wanted, beside the other tests."""
    wanted = {name for item in request.session.items for name in item.fixturenames}
    for name in ("whole", "timed_out"):
        if name in wanted:
            request.getfixturevalue(name)
