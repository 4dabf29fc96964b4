"""The parsed workflow: the one place that uses Snakemake's private interface."""

from functools import cache
from pathlib import Path

from snakemake.api import SnakemakeApi
from snakemake.settings.types import ConfigSettings, OutputSettings, ResourceSettings

from workflow.project import ROOT


def rules() -> dict:
    """Return the rules of the shipped workflow by name."""
    return {rule.name: rule for rule in workflow().rules}


def local_rules() -> set[str]:
    """Return the names of the rules that run beside Snakemake on a cluster."""
    return workflow()._localrules


@cache
def workflow():
    """Return the shipped workflow."""
    with SnakemakeApi(OutputSettings(quiet=None)) as api:
        return api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(configfiles=[Path("config/demo.yaml")]),
            snakefile=ROOT / "workflow/Snakefile",
            workdir=ROOT,
        )._workflow
