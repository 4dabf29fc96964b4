import os
import re
import tempfile

import numpy as np
import pytest
from real_data import mirror
from tiny_data import (
    SHAPE,
    STACKS,
    archive,
    archive_files,
    flipped,
    lzw_bytes,
    png_bytes,
    serving,
    slice_files,
    slices,
    tiff_bytes,
    tiff_files,
    tiffs,
    tiny_dataset,
    write_files,
)

from unet2015.data.dataset import NAMES
from unet2015.data.download import fetch
from unet2015.data.isbi2012 import ISBI2012
from unet2015.data.stacks import is_unknown, pixel_sha256
from unet2015.errors import InputError

REQUIRED = NAMES[:3]


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)
    with serving() as running:
        yield running


def assert_all_verified(stacks, origin):
    for name, expected in STACKS.items():
        np.testing.assert_array_equal(stacks[name].pixels, expected)
        assert stacks[name].available
        assert stacks[name].origin.startswith(origin)


MIRRORS = {
    "raw TIFF": tiff_files(),
    "deflate TIFF": tiff_files(compression="zlib", predictor=True),
    "ImageJ TIFF": tiff_files(imagej=True),
    "LZW TIFF": {f"{name}.tif": lzw_bytes(stack) for name, stack in STACKS.items()},
    "PNG slices": slice_files(),
    "TIFF slices": slice_files(suffix="tif"),
    "zip": archive_files(folder=""),
    "zip with a folder": archive_files(),
    "TIFF and slices": {
        **tiff_files({name: STACKS[name] for name in NAMES[:2]}),
        **slice_files({name: STACKS[name] for name in NAMES[2:]}),
    },
}


@pytest.mark.parametrize("files", MIRRORS.values(), ids=MIRRORS)
def test_mirror_folder_holds_everything(tmp_path, server, files):
    folder = write_files(tmp_path / "a mirror", files)
    server.files = tiff_files()
    dataset = tiny_dataset(tiffs(server.url))
    stacks = fetch(dataset, str(folder))
    assert_all_verified(stacks, "mirror:")
    assert server.asked == []
    assert not any(str(tmp_path) in stack.origin for stack in stacks.values())


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("layout", ["raw TIFF", "PNG slices", "zip with a folder"])
def test_mirror_url_holds_everything(server, layout, slash):
    server.files = {f"data/{name}": file for name, file in MIRRORS[layout].items()}
    dataset = tiny_dataset(tiffs(f"{server.url}/public"))
    stacks = fetch(dataset, f"{server.url}/data{slash}")
    assert_all_verified(stacks, "mirror:")
    assert all(path.startswith("data/") for path in server.asked)


def test_archive_is_downloaded_once_for_all_stacks(server, capfd):
    server.files = archive_files()
    stacks = fetch(tiny_dataset(archive(server.url)))
    origin = f"{server.url}/ISBI-2012-challenge.zip/"
    assert_all_verified(stacks, origin)
    assert stacks["test-labels"].origin == origin + "test-labels.tif"
    assert server.asked == ["ISBI-2012-challenge.zip"]
    assert capfd.readouterr().err == ""  # no progress bar without a terminal


def test_fallbacks_complement_each_other(server):
    server.files = {**tiff_files(), **slice_files()}
    sources = (
        archive(server.url),
        tiffs(server.url, REQUIRED),
        slices(server.url, ("test-labels",)),
    )
    stacks = fetch(tiny_dataset(*sources))
    assert_all_verified(stacks, server.url)
    assert server.asked == [
        "ISBI-2012-challenge.zip",
        *(f"{name}.tif" for name in REQUIRED),
        *(f"test-labels/test-labels-{i:02d}.png" for i in (1, 2, 3)),
    ]


def test_what_the_mirror_lacks_comes_from_the_next_source(tmp_path, server):
    folder = write_files(tmp_path, tiff_files({"test-volume": STACKS["test-volume"]}))
    server.files = tiff_files()
    stacks = fetch(tiny_dataset(tiffs(server.url)), str(folder))
    assert_all_verified(stacks, "")
    assert stacks["test-volume"].origin == "mirror:test-volume.tif"
    assert stacks["train-labels"].origin == f"{server.url}/train-labels.tif"
    assert "test-volume.tif" not in server.asked


@pytest.mark.parametrize(
    "damage",
    [
        lambda stack: tiff_bytes(flipped(stack)),
        lambda stack: tiff_bytes(stack)[:-500],
        lambda stack: tiff_bytes(stack, compression="zlib")[:-500],
        lambda stack: b"<!DOCTYPE html><html><body>Sorry</body></html>",
        lambda stack: b"",
        lambda stack: tiff_bytes(255 - stack),
        lambda stack: tiff_bytes(stack // 2),
        lambda stack: tiff_bytes(stack.astype(np.uint16)),
        lambda stack: tiff_bytes(stack[:2]),
    ],
    ids=[
        "flipped byte",
        "truncated",
        "truncated deflate",
        "error page",
        "empty",
        "inverted",
        "not binary",
        "uint16",
        "slice missing",
    ],
)
class TestBadCopy:
    def test_public_copy_is_passed_over(self, server, damage):
        server.files = {f"good/{name}": data for name, data in tiff_files().items()}
        server.files["bad/train-labels.tif"] = damage(STACKS["train-labels"])
        bad, good = f"{server.url}/bad", f"{server.url}/good"
        stacks = fetch(tiny_dataset(tiffs(bad), tiffs(good)))
        assert_all_verified(stacks, good)

    def test_mirror_copy_is_an_error(self, tmp_path, server, damage):
        server.files = tiff_files()
        folder = write_files(tmp_path / "mirror", tiff_files())
        (folder / "train-labels.tif").write_bytes(damage(STACKS["train-labels"]))
        with pytest.raises(InputError) as caught:
            fetch(tiny_dataset(tiffs(server.url)), str(folder))
        assert f"{folder}/train-labels.tif" in str(caught.value)
        assert "UNET2015_MIRROR names this copy: mend it" in str(caught.value)
        assert server.asked == []


def test_wrong_checksum_says_expected_found_and_from_where(server):
    damaged = flipped(STACKS["train-volume"])
    server.files = {"train-volume.tif": tiff_bytes(damaged)}
    dataset = tiny_dataset(tiffs(server.url))
    expected = dataset.sha256["train-volume"]
    message = (
        f"{server.url}/train-volume.tif has the pixel sha256 {pixel_sha256(damaged)}, "
        f"expected {expected}"
    )
    with pytest.raises(InputError, match=re.escape(message)):
        fetch(dataset)


def test_inverted_labels_are_called_so(server):
    server.files = tiff_files({**STACKS, "train-labels": 255 - STACKS["train-labels"]})
    with pytest.raises(InputError, match="the polarity looks inverted"):
        fetch(tiny_dataset(tiffs(server.url)))


def test_error_lists_every_source_with_its_reason_and_the_cure(server):
    server.files = {"b/train-volume.tif": b"<html>", "c/train-volume/x.png": b""}
    server.failures = {"d/ISBI-2012-challenge.zip": [403] * 3}
    bases = [f"{server.url}/{letter}" for letter in "abcd"]
    sources = tiffs(bases[0]), tiffs(bases[1]), slices(bases[2]), archive(bases[3])
    with pytest.raises(InputError) as caught:
        fetch(tiny_dataset(*sources))
    first, *reasons, cure = str(caught.value).splitlines()
    assert first == "no source has train-volume of tiny:"
    expected = [
        r"a/train-volume\.tif: there is no such file",
        r"b/train-volume\.tif cannot be read as a TIFF stack \(.*<htm",
        r"c/train-volume/train-volume-01\.png: there is no such file",
        r"d/ISBI-2012-challenge\.zip cannot be downloaded \(403 Forbidden\)",
    ]
    for pattern, reason in zip(expected, reasons, strict=True):
        assert re.search(pattern, reason)
    assert cure == (
        "set UNET2015_MIRROR to a folder with train-volume.tif, train-labels.tif, "
        "test-volume.tif, test-labels.tif"
    )
    assert tempfile.gettempdir() not in str(caught.value)


@pytest.mark.parametrize("failures", [[503, 503], [429, 500], ["cut", "cut"]])
def test_passing_failures_are_tried_again(server, failures):
    server.files = archive_files()
    server.failures = {"ISBI-2012-challenge.zip": list(failures)}
    assert_all_verified(fetch(tiny_dataset(archive(server.url))), server.url)
    assert server.asked == ["ISBI-2012-challenge.zip"] * 3


def test_lasting_failures_are_reported_once_for_all_stacks(server):
    server.files = {**archive_files(), **tiff_files()}
    server.failures = {"ISBI-2012-challenge.zip": [503] * 9}
    sources = archive(server.url), tiffs(server.url)
    assert_all_verified(fetch(tiny_dataset(*sources)), server.url)
    assert server.asked.count("ISBI-2012-challenge.zip") == 3


def test_absent_files_are_asked_for_once(server):
    with pytest.raises(InputError):
        fetch(tiny_dataset(tiffs(server.url)))
    assert server.asked == ["train-volume.tif"]


def test_unreachable_server(server):
    with serving() as other:
        gone = other.url
    server.files = tiff_files()
    stacks = fetch(tiny_dataset(tiffs(gone), tiffs(server.url)))
    assert_all_verified(stacks, server.url)
    with pytest.raises(InputError, match=r"cannot be downloaded .*UNET2015_MIRROR"):
        fetch(tiny_dataset(tiffs(server.url)), gone)


@pytest.mark.parametrize("mirrored", [False, True])
def test_test_labels_may_be_missing(tmp_path, server, caplog, mirrored):
    files = tiff_files({name: STACKS[name] for name in REQUIRED})
    folder = write_files(tmp_path / "mirror", files)
    server.files = files
    dataset = tiny_dataset(tiffs(server.url))
    stacks = fetch(dataset, str(folder) if mirrored else None)
    labels = stacks["test-labels"]
    assert is_unknown(labels.pixels) and labels.pixels.shape == SHAPE
    assert labels.origin is None and not labels.available
    assert all(stacks[name].available for name in REQUIRED)
    warning = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
    assert len(warning) == 1
    assert "no source has test-labels of tiny; it is filled with 127" in warning[0]
    assert f"{server.url}/test-labels.tif: there is no such file" in warning[0]


def test_damaged_test_labels_in_the_mirror_are_an_error(tmp_path):
    files = tiff_files({**STACKS, "test-labels": flipped(STACKS["test-labels"])})
    with pytest.raises(InputError, match=r"test-labels\.tif has the pixel sha256"):
        fetch(tiny_dataset(), str(write_files(tmp_path / "mirror", files)))


@pytest.mark.parametrize("mirror", ["{}/absent", "{}/f", "s3://a/b"])
def test_mirror_that_is_no_folder(tmp_path, mirror):
    (tmp_path / "f").touch()
    with pytest.raises(InputError, match=r"UNET2015_MIRROR=.* is not a folder; set it"):
        fetch(tiny_dataset(), mirror.format(tmp_path))


class TestSlices:
    """What folders of slices in the wild look like."""

    def mirror(self, folder, images):
        files = {**tiff_files(), **images}
        del files["train-labels.tif"]
        return str(write_files(folder / "mirror", files))

    def test_order_is_numeric_and_other_files_are_ignored(self, tmp_path):
        labels = STACKS["train-labels"]
        images = {
            f"train-labels/2012-z{number}.PNG": png_bytes(image)
            for number, image in zip((9, 10, 100), labels, strict=True)
        }
        images |= {"train-labels/readme.txt": b"", "train-labels/._2012-z9.png": b""}
        folder = self.mirror(tmp_path, images)
        assert_all_verified(fetch(tiny_dataset(), folder), "mirror:")

    @pytest.mark.parametrize("convert", [lambda a: a > 0, lambda a: np.dstack([a] * 3)])
    def test_one_bit_and_colour_files(self, tmp_path, convert):
        images = {
            f"train-labels/{i}.png": png_bytes(convert(image))
            for i, image in enumerate(STACKS["train-labels"])
        }
        folder = self.mirror(tmp_path, images)
        assert_all_verified(fetch(tiny_dataset(), folder), "mirror:")

    @pytest.mark.parametrize(
        ("images", "message"),
        [
            ([np.zeros((9, 9), np.uint8), np.zeros((9, 8), np.uint8)], "of the shapes"),
            ([np.zeros((48, 40), np.uint8)] * 4, r"has shape \(4, 48, 40\)"),
        ],
    )
    def test_unequal_or_surplus_slices(self, tmp_path, images, message):
        files = {f"train-labels/{i}.png": png_bytes(a) for i, a in enumerate(images)}
        with pytest.raises(InputError, match=message):
            fetch(tiny_dataset(), self.mirror(tmp_path, files))

    def test_damaged_slice(self, tmp_path):
        files = slice_files({"train-labels": STACKS["train-labels"]})
        name = "train-labels/train-labels-02.png"
        files[name] = files[name][:-200]
        with pytest.raises(InputError, match=f"{name} cannot be read as an image"):
            fetch(tiny_dataset(), self.mirror(tmp_path, files))

    def test_empty_folder_is_no_copy(self, tmp_path):
        folder = self.mirror(tmp_path, {"train-labels/readme.txt": b""})
        with pytest.raises(InputError, match="holds no PNG or TIFF files"):
            fetch(tiny_dataset(), folder)


def test_public_copies_are_several_for_each_stack_and_pinned():
    for name in NAMES:
        official, *copies = ISBI2012.copies[name]
        assert official == (
            f"https://downloads.imagej.net/ISBI-2012-challenge.zip/{name}.tif"
        )
        assert copies
        assert all(re.search(rf"/[0-9a-f]{{40}}/.*/{name}", copy) for copy in copies)


@pytest.mark.real_data
def test_real_stacks_pass_verification(monkeypatch):
    monkeypatch.setattr("requests.get", None)
    stacks = fetch(ISBI2012, os.fspath(mirror()))
    assert {name: pixel_sha256(stack.pixels) for name, stack in stacks.items()} == {
        **ISBI2012.sha256
    }
    assert {stack.pixels.shape for stack in stacks.values()} == {(30, 512, 512)}
    assert all(stack.available for stack in stacks.values())
