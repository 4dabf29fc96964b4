"""What a machine may lack: the tests that need it are skipped, or fail in CI."""

import os

import pytest


def refuse(reason: str, *demands: str) -> None:
    """Skip a test, which the summary at the end tells; fail where it must run.

    Parameters
    ----------
    reason : str
        What is missing, and how to get it.
    demands : str
        Environment variables that forbid the skip, beside ``CI``.
    """
    if any(os.environ.get(name) for name in ("CI", *demands)):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
