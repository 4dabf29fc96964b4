import json
from importlib import metadata

import pytest

import provenance


@pytest.fixture
def command(tmp_path):
    """Return the program's options, with one small file for each input."""
    files = ("provenance", "run", "prediction-run", "settings")
    for name in files:
        (tmp_path / f"{name}.json").write_text(json.dumps({"name": name}))
    options = [f"--{name}={tmp_path / name}.json" for name in files]
    return [*options, f"--output={tmp_path / 'made.json'}"]


def test_record_without_snakemake(command, tmp_path, monkeypatch):
    # A conda environment of the workflow holds what programs import, and no Snakemake.
    def version(name, version=metadata.version):
        if name == "snakemake":
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", version)
    provenance.main(command)
    record = json.loads((tmp_path / "made.json").read_text())
    assert "snakemake" not in record["packages"]
    assert record["packages"]["numpy"] == metadata.version("numpy")
    assert record["data"] == {"name": "provenance"}
    assert record["runs"] == [{"name": "run"}]
    assert record["predictions"] == [{"name": "prediction-run"}]
