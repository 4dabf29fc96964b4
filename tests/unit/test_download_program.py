import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from real_data import mirror
from tiny_data import (
    SHAPE,
    STACKS,
    archive,
    archive_files,
    flipped,
    serving,
    tiff_bytes,
    tiff_files,
    tiffs,
    tiny_dataset,
    write_files,
)

import download
from unet2015.data.dataset import NAMES, Stack, unknown_labels, write_dataset
from unet2015.data.isbi2012 import ISBI2012
from unet2015.data.stacks import pixel_sha256, read_image, read_labels
from unet2015.data.tiff import read_stack
from unet2015.errors import InputError


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("UNET2015_MIRROR", raising=False)
    with serving() as running:
        yield running


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Run the program on a data set; return the folder of its outputs."""
    folder = tmp_path / "results" / "data"
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)

    def run(dataset):
        download.main([*outputs(folder)], dataset)
        return folder

    run.folder = folder
    return run


def outputs(folder):
    stacks = [f"--{name}={folder / name}.tif" for name in NAMES]
    return [*stacks, f"--provenance={folder / 'provenance.json'}"]


def entries(folder):
    return sorted(path.name for path in folder.rglob("*"))


COMPLETE = sorted([*(f"{name}.tif" for name in NAMES), "provenance.json"])


def test_stacks_and_provenance(server, program):
    server.files = archive_files()
    dataset = tiny_dataset(archive(server.url))
    folder = program(dataset)
    assert entries(folder) == COMPLETE
    for name, expected in STACKS.items():
        np.testing.assert_array_equal(read_stack(folder / f"{name}.tif"), expected)
    assert json.loads((folder / "provenance.json").read_text()) == {
        "source": "tiny",
        "stacks": {
            name: {
                "origin": f"{server.url}/ISBI-2012-challenge.zip/{name}.tif",
                "sha256": dataset.sha256[name],
                "shape": list(SHAPE),
                "available": True,
            }
            for name in NAMES
        },
        "citation": "somebody",
        "licence": "anything goes",
    }


def test_mirror_variable(server, program, tmp_path, monkeypatch):
    folder = write_files(tmp_path / "mirror", tiff_files())
    monkeypatch.setenv("UNET2015_MIRROR", str(folder))
    server.files = tiff_files()
    record = (program(tiny_dataset(tiffs(server.url))) / "provenance.json").read_text()
    assert '"origin": "mirror:train-volume.tif"' in record
    assert str(tmp_path) not in record
    assert server.asked == []


def test_unknown_test_labels(server, program):
    server.files = tiff_files({name: STACKS[name] for name in NAMES[:3]})
    folder = program(tiny_dataset(tiffs(server.url)))
    labels = read_labels(folder / "test-labels.tif")
    assert labels.shape == SHAPE and (labels == 127).all()
    record = json.loads((folder / "provenance.json").read_text())["stacks"]
    assert record["test-labels"] == {
        "origin": None,
        "sha256": pixel_sha256(labels),
        "shape": list(SHAPE),
        "available": False,
    }
    assert [record[name]["available"] for name in NAMES] == [True, True, True, False]


@pytest.mark.parametrize("layout", [tiff_files, archive_files])
@pytest.mark.parametrize("name", NAMES[:3])
def test_corrupt_download_leaves_nothing_behind(server, program, layout, name):
    server.files = layout({**STACKS, name: flipped(STACKS[name])})
    source = archive if layout is archive_files else tiffs
    with pytest.raises(InputError, match=f"{name}.tif has the pixel sha256"):
        program(tiny_dataset(source(server.url)))
    assert entries(program.folder) == []


def test_corrupt_download_keeps_an_older_result(server, program):
    server.files = tiff_files()
    folder = program(tiny_dataset(tiffs(server.url)))
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    server.files["test-volume.tif"] = tiff_bytes(flipped(STACKS["test-volume"]))
    with pytest.raises(InputError):
        program(tiny_dataset(tiffs(server.url)))
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_writing_is_reproducible(tmp_path):
    stacks = {name: Stack(stack, "here") for name, stack in STACKS.items()}
    stacks["test-labels"] = unknown_labels(SHAPE)
    contents = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        paths = {name: folder / f"{name}.tif" for name in NAMES}
        write_dataset(stacks, paths, folder / "p.json", "files", citation="nobody")
        contents.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert contents[0] == contents[1]


def command(folder, mirror):
    return subprocess.run(
        [sys.executable, download.__file__, *outputs(folder)],
        env={**os.environ, "UNET2015_MIRROR": str(mirror)},
        capture_output=True,
        text=True,
    )


@pytest.mark.real_data
def test_real_stacks(tmp_path):
    done = command(tmp_path, Path(mirror()).absolute())
    assert done.returncode == 0, done.stderr
    assert entries(tmp_path) == COMPLETE
    for name in NAMES:
        read = read_labels if name.endswith("labels") else read_image
        assert pixel_sha256(read(tmp_path / f"{name}.tif")) == ISBI2012.sha256[name]
    record = json.loads((tmp_path / "provenance.json").read_text())
    assert record["source"] == "isbi2012"
    assert record["citation"].startswith("Cardona et al. 2010")
