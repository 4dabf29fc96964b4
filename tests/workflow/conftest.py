import shutil

import pytest

from workflow.project import copy_finished, copy_sources, snakemake


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A project whose whole workflow has run on a tiny phantom."""
    folder = copy_sources(tmp_path_factory.mktemp("finished"))
    run = snakemake(folder, "--cores", "2")
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


@pytest.fixture
def project(finished, tmp_path):
    """A private copy of the finished project."""
    yield copy_finished(finished, tmp_path / "project")
    shutil.rmtree(tmp_path / "project")
