"""One SLURM for all tests that need it: they stand in one file, so in one process."""

import importlib.util
import threading

import pytest
from lacking import refuse

from cluster import slurm
from cluster.head import MODELS, Head, copy_untrained, make_project

PLUGINS = ("slurm", "cluster_generic")


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
def cluster():
    """SLURM on this machine, with two GPUs that do nothing."""
    try:
        start()
    except slurm.UnavailableError as error:
        refuse(str(error), "UNET2015_REQUIRE_SLURM")
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
