"""How tests are shared out among processes, and what must not go unnoticed."""

from pathlib import Path

import pytest

CLUSTER = Path(__file__).parent / "cluster"


def pytest_collection_modifyitems(items):
    """Keep the tests of one file in one process, and all that need the one SLURM."""
    for item in items:
        group = CLUSTER if item.path.is_relative_to(CLUSTER) else item.path
        item.add_marker(pytest.mark.xdist_group(str(group.name)))


def pytest_terminal_summary(terminalreporter):
    """Say that nothing was tested on a cluster."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = {
        report.longrepr[2]
        for report in skipped
        if report.nodeid.startswith(f"tests/{CLUSTER.name}/")
    }
    if reasons:
        terminalreporter.section("CLUSTER NOT TESTED", sep="!", red=True, bold=True)
        for reason in sorted(reasons):
            terminalreporter.line(reason)
