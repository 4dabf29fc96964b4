"""The parsed workflow: the one place that uses Snakemake's private interface."""

from functools import cache
from pathlib import Path

from snakemake.api import SnakemakeApi
from snakemake.settings.types import ConfigSettings, OutputSettings, ResourceSettings

from workflow.project import ROOT


@cache
def rules() -> dict:
    """Return the rules of the shipped workflow by name."""
    with SnakemakeApi(OutputSettings(quiet=None)) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(configfiles=[Path("config/demo.yaml")]),
            snakefile=ROOT / "workflow/Snakefile",
            workdir=ROOT,
        )
        return {rule.name: rule for rule in workflow._workflow.rules}
