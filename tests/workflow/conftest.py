import shutil

import pytest

from workflow.project import copy_finished, copy_sources, snakemake


def pytest_collection_modifyitems(items):
    """Begin with a file that makes the finished run, for which others would wait."""
    items.sort(key=lambda item: item.path.name != "test_results.py")


@pytest.fixture(scope="session")
def finished(made_once):
    """A project whose whole workflow has run on a tiny phantom; not to be changed."""

    def run_all(folder):
        run = snakemake(copy_sources(folder), "--cores", "2")
        assert run.returncode == 0, run.stdout + run.stderr

    return made_once("finished", run_all)


@pytest.fixture
def project(finished, tmp_path):
    """A private copy of the finished project."""
    yield copy_finished(finished, tmp_path / "project")
    shutil.rmtree(tmp_path / "project")
