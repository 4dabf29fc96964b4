"""What was skipped must not go unnoticed; what is slow to make is made once."""

import os

import pytest
from filelock import FileLock


def pytest_terminal_summary(terminalreporter):
    """Say in red what was not tested, and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = sorted({report.longrepr[2] for report in skipped})
    if reasons:
        terminalreporter.section("NOT TESTED", sep="!", red=True, bold=True)
        for reason in reasons:
            terminalreporter.line(reason.removeprefix("Skipped: "))


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Give a function that makes a folder in one of the processes that run tests."""
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent

    def make(name, fill):
        folder, done = place / name, place / f"{name}.done"
        with FileLock(place / f"{name}.lock"):
            if not done.exists():
                folder.mkdir()
                fill(folder)
                done.touch()
        return folder

    return make
