"""Work that was done elsewhere is taken over instead of done again."""

import hashlib
import shutil

import pytest
from real_data import mirror

from workflow.project import copy_sources, planned, snakemake


def carried(finished, folder, *names):
    """Return a fresh clone with some folders of a finished project, times kept."""
    clone = copy_sources(folder / "another machine")
    for name in names:
        shutil.copytree(finished / name, clone / name)
    return clone


def test_results_travel_with_their_metadata(finished, tmp_path):
    names = ("results", ".snakemake/metadata")
    assert planned(carried(finished, tmp_path, *names)) == set()


def test_results_alone_are_taken_as_they_are(finished, tmp_path):
    # Code and settings that they were made with stand in the metadata alone.
    clone = carried(finished, tmp_path, "results")
    program = clone / "scripts/train.py"
    program.write_text(program.read_text() + "\nEDITED = True\n")
    assert planned(clone) == set()


def digests(folder, paths):
    return [hashlib.sha256((folder / p).read_bytes()).hexdigest() for p in paths]


@pytest.mark.long
def test_samples_and_weight_maps_come_from_the_cache(tmp_path):
    runs = [("fold0", 0), ("fold1", 0), ("fold0", 1)]
    samples = [f"results/phantom/samples/{s}/demo/seed{n}" for s, n in runs]
    targets = [f"{folder}/weights/border.npy" for folder in samples]
    files = targets + [f"{folder}/images.npy" for folder in samples]
    cache = tmp_path / "cache"
    cache.mkdir()
    found = []
    for name in ("first", "second"):
        folder = copy_sources(tmp_path / name)
        command = (*targets, "--cores", "2", "--cache")
        run = snakemake(folder, *command, SNAKEMAKE_OUTPUT_CACHE=str(cache))
        assert run.returncode == 0, run.stdout + run.stderr
        found.append((run.stdout + run.stderr, digests(folder, files)))
    (_, made), (messages, taken) = found
    assert taken == made
    # Splits and seeds are told apart.
    assert len(set(made)) == len(files)
    # Three files a call of augment and two a weight map, for each run.
    assert messages.count("from cache") == 5 * len(runs)
    assert "Moving output file" not in messages


@pytest.mark.real_data
def test_download_comes_from_the_cache(tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    stacks = ["train-volume", "train-labels", "test-volume", "test-labels"]
    targets = [f"results/isbi2012/data/{stack}.tif" for stack in stacks]
    command = (*targets, "--cores", "1", "--cache")
    found = []
    # The second folder has no mirror to go to.
    for name, place in (("first", mirror()), ("second", tmp_path / "nowhere")):
        folder = copy_sources(tmp_path / name)
        run = snakemake(
            folder,
            *command,
            SNAKEMAKE_OUTPUT_CACHE=str(cache),
            UNET2015_MIRROR=str(place),
        )
        assert run.returncode == 0, run.stdout + run.stderr
        found.append(digests(folder, targets))
    assert found[0] == found[1]


def test_without_a_cache_nothing_is_shared(finished):
    links = [path for path in (finished / "results").rglob("*") if path.is_symlink()]
    assert not links
