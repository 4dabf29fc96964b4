"""Readers of anything: a valid value or one line, whatever the bytes.

Files are random, or valid and then damaged: bytes changed, inserted, removed or
cut off. Nothing else may be raised, and nothing may take long or much memory.
"""

import copy
import io
import json
import logging
import signal
import tracemalloc
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import tifffile
import torch
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tiny_data import lzw_bytes, png_bytes, tiff_bytes

import table_benchmarks
from unet2015.benchmarks.timing import COLUMNS
from unet2015.benchmarks.timing_files import read_timings
from unet2015.config.validation import complete
from unet2015.data.affinities import read_affinities
from unet2015.data.copies import unpack
from unet2015.data.splits import read_slices
from unet2015.data.stacks import open_image, read_image, read_labels, read_probability
from unet2015.data.tiff import read_stack
from unet2015.data.training_slices import read_statistics
from unet2015.errors import InputError
from unet2015.experiments.scores import read_scores
from unet2015.network.model_files import load_model, save_model
from unet2015.network.unet import UNet
from unet2015.report.run_times import read_measurements, run_times_markdown
from unet2015.samples.batches import read_batch
from unet2015.samples.stored import CachedSamples
from unet2015.settings import read_json, read_settings

pytestmark = pytest.mark.slow

GREY = np.arange(3 * 10 * 12, dtype=np.uint8).reshape(3, 10, 12)
ARCHITECTURE = {"width": 2, "depth": 1, "padding": "same", "norm": "batch"}
SECONDS = 5
MEMORY = 64 * 2**20
"""Bounds on one reading of a file of a few kB, with much to spare."""

MODERATE = settings(derandomize=True, deadline=None, max_examples=120, database=None)


def packed(stack):
    """Return a stack as `write_stack` packs it."""
    return tiff_bytes(stack, compression="zlib", predictor=stack.dtype == np.uint8)


def npy(dtype):
    """Return an .npy file of four samples."""
    file = io.BytesIO()
    np.save(file, np.zeros((4, 8, 8), dtype))
    return file.getvalue()


def archive(method):
    """Return a zip archive with the wanted file and one more."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as members:
        members.writestr("a/x.tif", bytes(GREY))
        members.writestr("a/ü.txt", b"more")
    return file.getvalue()


def table(*rows):
    """Return a table of comma-separated cells."""
    return "".join(f"{row}\n" for row in rows).encode()


def read_all(path):
    """Read slice by slice."""
    with open_image(path) as volume:
        for index in range(len(volume)):
            volume[index]


def read_samples(path):
    """Open samples, one file of which is in question, and read a batch."""
    good = path.parent / "good.npy"
    read_batch(CachedSamples(path, good, path.parent / "weights.npy"), 0, 2, 1.0, 2.0)


class Reader(NamedTuple):
    """A reader, and files that it reads."""

    read: object
    """Function of a path."""
    valid: list
    name: str = "file.dat"


MODEL = "model.safetensors"
TIFFS = [
    packed(GREY),
    tiff_bytes(GREY),
    tiff_bytes(GREY, imagej=True),
    tiff_bytes(GREY, bigtiff=True, byteorder=">"),
    tiff_bytes(GREY, tile=(16, 16), compression="zlib"),
    tiff_bytes(GREY, volumetric=True),
]
RUN = "d,test,u,0"
READERS = {
    "image": Reader(read_image, TIFFS),
    "image by slices": Reader(read_all, TIFFS),
    "labels": Reader(read_labels, [packed(np.where(GREY % 4, 255, 0).astype("u1"))]),
    "probability": Reader(read_probability, [packed((GREY / 255).astype("f4"))]),
    "TIFF of Pillow": Reader(lambda p: read_stack(p, "a.tif"), [lzw_bytes(GREY)]),
    "affinities": Reader(
        read_affinities,
        [
            tiff_bytes(GREY, metadata=None, description=json.dumps({"offsets": found}))
            for found in ([[0, 0, 1]], [[0, 0, 1], [0, 1, 0], [1, 0, 0]])
        ],
    ),
    "PNG": Reader(lambda path: read_stack(path, "a.png"), [png_bytes(GREY[0])]),
    "archive": Reader(
        lambda path: unpack(path, "x.tif", "a.zip"),
        [archive(zipfile.ZIP_DEFLATED), archive(zipfile.ZIP_STORED)],
    ),
    "samples": Reader(read_samples, [npy(np.uint8), npy(np.float16)]),
    "weights": Reader(lambda path: load_model(path, path.parent / "card.json"), None),
    "card": Reader(lambda path: load_model(path.parent / MODEL, path), None),
    "scores": Reader(
        read_scores,
        [
            table(
                "dataset,split,experiment,seed,slice,metric,threshold,value",
                f"{RUN},all,V,0.5,0.9",
                f"{RUN},0,V,0.5,0.9",
            )
        ],
    ),
    "timings": Reader(
        lambda path: table_benchmarks.benchmarks_markdown(read_timings(path)),
        [table(",".join([*COLUMNS, "machine"]), "a,b,c,ours,s,3,1.5,1,2,,m")],
    ),
    "measurements": Reader(
        lambda path: run_times_markdown(read_measurements([path])),
        [b"s\th:m:s\tmax_rss\tmean_load\n1.5\t0:00:01\t5.5\t-\n"],
        "train/file.tsv",
    ),
    "JSON": Reader(read_json, [b'{"a": [1, 2.5, {"b": null}], "c": "x"}']),
    "split": Reader(
        lambda path: read_slices(path, "score", 3),
        [b'{"score": {"stack": "test", "slices": [0, 1, 2]}}'],
    ),
    "statistics": Reader(
        read_statistics, [b'{"mean": 1.5, "std": 2.5, "interior": 0.7}']
    ),
    "settings": Reader(
        lambda path: read_settings(path, "weights"),
        [b'{"w0": 10, "sigma": 5.0, "class_balance": true}'],
    ),
}

FRAGMENTS = [
    b"\xff" * 4,
    b"\x00" * 4,
    b"\xff\xff\xff\x7f",
    b"\x00\x00\x00\x40",
    b"\x01\x00\x00\x00",
    *(t.encode() for t in ["[", "{", '"', ",", "\n", "NaN", "1e999", "null", "true"]),
    *(t.encode() for t in ["-1", "0", "99999999999", "'", "(", "1" * 400, "é", "PK"]),
]
"""What breaks headers, numbers and texts."""

POSITION = st.floats(0, 1) | st.floats(0, 0.1)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["flip", "write", "insert", "remove", "cut"]),
        POSITION,
        st.integers(0, 7),
        st.sampled_from(FRAGMENTS) | st.binary(min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=4,
)


def damaged(content, changes):
    """Return a copy of a file with some changes."""
    content = bytearray(content)
    for kind, position, number, new in changes:
        place = int(position * len(content))
        if kind == "flip" and place < len(content):
            content[place] ^= 1 << number
        elif kind == "write":
            content[place : place + len(new)] = new
        elif kind == "insert":
            content[place:place] = new
        elif kind == "remove":
            del content[place : place + number + 1]
        elif kind == "cut":
            del content[place:]
    return bytes(content)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Give a folder with the good files that some readers need beside the bad one."""
    folder = tmp_path_factory.mktemp("fuzzing")
    (folder / "train").mkdir()
    (folder / "good.npy").write_bytes(npy(np.uint8))
    (folder / "weights.npy").write_bytes(npy(np.float16))
    torch.manual_seed(0)
    unet, card = UNet(**ARCHITECTURE), folder / "card.json"
    save_model(unet, ARCHITECTURE, {"mean": 1.0, "std": 2.0}, folder / MODEL, card)
    described = json.loads(card.read_text())
    del described["sha256"]  # else it would hide what else there is to find
    card.write_text(json.dumps(described))
    return folder


@pytest.fixture(autouse=True)
def _bounded():
    """Stop what hangs; silence what libraries say of damaged files."""

    def stop(*_):
        raise TimeoutError(f"reading took more than {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    logging.disable(logging.CRITICAL)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
    logging.disable(logging.NOTSET)


def check(reader, content, place):
    """Read some bytes; let nothing but an `InputError` be raised."""
    path = place / reader.name
    path.write_bytes(content)
    signal.alarm(SECONDS)
    tracemalloc.start()
    try:
        reader.read(path)
    except InputError as error:
        assert str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        signal.alarm(0)
    assert peak < MEMORY


def valid_files(name, place):
    """Return valid files of a reader."""
    own = {"weights": MODEL, "card": "card.json"}.get(name)
    return [(place / own).read_bytes()] if own else READERS[name].valid


@pytest.mark.parametrize("name", READERS)
def test_valid_files_are_read(name, place):
    # Else every file might be refused. The third of samples is of another type.
    read = 0
    for content in valid_files(name, place):
        (place / READERS[name].name).write_bytes(content)
        try:
            READERS[name].read(place / READERS[name].name)
            read += 1
        except InputError as error:
            refused = str(error)
            assert name == "samples" and "dtype" in refused
    assert read


@pytest.mark.parametrize("name", READERS)
def test_random_bytes_are_refused_in_one_line(name, place):
    start = valid_files(name, place)[0][:8]

    @settings(MODERATE, max_examples=30)
    @given(st.binary(max_size=200), st.booleans())
    def refuse(content, marked):
        check(READERS[name], start + content if marked else content, place)

    refuse()


@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_read_or_refused_in_one_line(name, place):
    files = valid_files(name, place)

    @MODERATE
    @given(st.sampled_from(range(len(files))), CHANGES)
    def read(number, changes):
        check(READERS[name], damaged(files[number], changes), place)

    read()


@pytest.mark.parametrize("key", ["ImageWidth", "ImageLength"])
def test_a_tiff_of_few_bytes_that_declares_gigabytes_is_refused(key, place):
    # By chance in the loop above, it took minutes to read.
    content = bytearray(packed(GREY))
    with tifffile.TiffFile(io.BytesIO(bytes(content))) as file:
        at = file.pages[0].tags[key].valueoffset
    content[at : at + 4] = (960_051_466).to_bytes(4, "little")
    for name in ("image", "image by slices"):
        check(READERS[name], bytes(content), place)
        with pytest.raises(InputError, match=r"it declares .* expected at most"):
            READERS[name].read(place / READERS[name].name)


def test_a_tiff_that_lacks_strips_is_refused(place):
    # tifffile would show zeros in their place.
    stack = tiff_bytes(GREY[:1], compression="zlib", rowsperstrip=5)
    path = place / "strips.tif"
    path.write_bytes(stack)
    with tifffile.TiffFile(path) as file:
        tags = [file.pages[0].tags[n] for n in ("StripOffsets", "StripByteCounts")]
    content = bytearray(stack)
    for tag in tags:
        content[tag.offset + 4 : tag.offset + 8] = (1).to_bytes(4, "little")
        content[tag.offset + 8 : tag.offset + 12] = (300).to_bytes(4, "little")
    path.write_bytes(content)
    for read in (read_image, read_all):
        with pytest.raises(
            InputError, match="page 0 has 1 strips or tiles, expected 2"
        ):
            read(path)


def test_a_tiff_that_declares_a_giant_strip_is_refused(place):
    # tifffile would allocate it all.
    path = place / "strip.tif"
    path.write_bytes(packed(GREY))
    with tifffile.TiffFile(path) as file:
        at = file.pages[0].tags["StripByteCounts"].valueoffset
    content = bytearray(path.read_bytes())
    content[at : at + 4] = b"\xff" * 4
    for name in ("image", "image by slices"):
        check(READERS[name], bytes(content), place)
        with pytest.raises(InputError, match="strip or tile of 4294967295 bytes"):
            READERS[name].read(place / READERS[name].name)


# --- config ---------------------------------------------------------------------

ROOT = Path(__file__).parents[2]
SHIPPED = yaml.safe_load((ROOT / "config/config.yaml").read_text())
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -1, 0, 1, 2, 16, 256])
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["unet", "fast", "test", "fold0", "files", "1e-3"])
)
NAMES = st.sampled_from(
    sorted({*SHIPPED, *(k for part in SHIPPED.values() for k in part), "w0", "side"})
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            NAMES | SCALARS.filter(lambda key: key == key), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def places_of(value, path=()):
    """Give the path of every key of nested dicts."""
    for key, inner in value.items():
        yield (*path, key)
        if isinstance(inner, dict):
            yield from places_of(inner, (*path, key))


def changed(config, path, value):
    """Return a copy of a config with another value at a path."""
    config = copy.deepcopy(config)
    inner = config
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return config


FULL = complete(SHIPPED)
PLACES = sorted(places_of(FULL), key=str)


def check_config(config):
    """Complete a config, again and from YAML; nothing but one line is raised."""
    before = copy.deepcopy(config)
    try:
        made = complete(config)
    except InputError as error:
        assert str(error).startswith("config: ")
        assert "\n" not in str(error)
    else:
        assert complete(made) == made
        assert complete(yaml.safe_load(yaml.safe_dump(made))) == made
    assert repr(config) == repr(before)


@settings(MODERATE, max_examples=150)
@given(st.sampled_from(PLACES), VALUES)
def test_any_value_for_any_key_is_taken_or_refused_in_one_line(path, value):
    check_config(changed(FULL, path, value))


@settings(MODERATE, max_examples=60)
@given(st.sampled_from(PLACES), NAMES | SCALARS.filter(lambda k: k == k), VALUES)
@example(("run", "seeds"), "line\nbreak", None)
def test_any_further_key_is_taken_or_refused_in_one_line(path, key, value):
    check_config(changed(FULL, (*path[:-1], key), value))


@settings(MODERATE, max_examples=60)
@given(st.dictionaries(NAMES | SCALARS.filter(lambda k: k == k), VALUES, max_size=4))
def test_any_config_is_taken_or_refused_in_one_line(config):
    check_config(config)
