"""Stacks as people and their programs save them."""

import logging
import re

import imageio.v3 as imageio
import numpy as np
import pytest
import tifffile
from tiny_data import lzw_bytes, png_bytes

from unet2015.data.stacks import open_image, read_image
from unet2015.data.tiff import read_stack
from unet2015.errors import InputError

GREY = np.random.default_rng(5).integers(0, 256, (6, 48, 40), dtype=np.uint8)
GREY_PALETTE = np.stack([np.arange(256, dtype=np.uint16)[::-1] * 257] * 3)
COLOURS = GREY_PALETTE * np.uint16([[1], [0], [1]])
OME = (
    '<?xml version="1.0"?><OME xmlns='
    '"http://www.openmicroscopy.org/Schemas/OME/2016-06">{}</OME>'
)
IMAGE = (
    '<Image ID="Image:{0}"><Pixels ID="Pixels:{0}" DimensionOrder="XYZCT" '
    'Type="uint8" SizeX="40" SizeY="48" SizeZ="{1}" SizeC="1" SizeT="1">'
    '<Channel ID="Channel:0" SamplesPerPixel="1"/>{2}</Pixels></Image>'
)


def write(stack, photometric="minisblack", **options):
    return lambda p: tifffile.imwrite(p, stack, photometric=photometric, **options)


def write_pages(stack=GREY, changes=None, ome=False, **options):
    """Write page by page, some with other options."""

    def make(path):
        with tifffile.TiffWriter(path, ome=ome) as file:
            for number, page in enumerate(stack):
                file.write(page, **{**options, **(changes or {}).get(number, {})})

    return make


def append(path):
    for page in GREY:
        tifffile.imwrite(path, page, append=True)


def described(text, count):
    """Write bare pages with a description of others."""
    changes = {0: {"description": text}}
    return write_pages(GREY[:count], changes, metadata=None)


ONE_PACKED = {3: {"compression": "zlib"}}
READ = {
    "a series a slice": (write_pages(), GREY),
    "appended": (append, GREY),
    "an OME image a slice": (write_pages(ome=True), GREY),
    "series of several slices": (write_pages(GREY.reshape(2, 3, 48, 40),
        photometric="minisblack"), GREY),
    "pages packed in turn": (write_pages(
        changes={k: {"compression": "zlib"} for k in (0, 2, 4)}, metadata=None), GREY),
    "a page packed otherwise": (write_pages(changes=ONE_PACKED, metadata=None), GREY),
    "the same among many": (write_pages(np.tile(GREY, (3, 1, 1)), ONE_PACKED,
        metadata=None), np.tile(GREY, (3, 1, 1))),
    "thumbnail": (write_pages([*GREY, GREY[0, :20, :20]], {6: {"subfiletype": 1}},
        metadata=None), GREY),
    "white is zero": (write(255 - GREY, "miniswhite"), GREY),
    "white is zero in a page": (write_pages([*GREY[:3], 255 - GREY[3], *GREY[4:]],
        {3: {"photometric": "miniswhite"}}, metadata=None), GREY),
    "white is zero, 16 bit": (write(65535 - GREY.astype("u2"), "miniswhite"),
        GREY.astype("u2")),
    "grey palette": (write(255 - GREY, "palette", colormap=GREY_PALETTE), GREY),
    "one bit": (write(GREY > 9), np.where(GREY > 9, 255, 0).astype("u1")),
    "one bit, white is zero": (write(GREY > 9, "miniswhite"),
        np.where(GREY > 9, 0, 255).astype("u1")),
    "slices stated as last": (write(GREY.transpose(1, 2, 0),
        metadata={"axes": "YXZ"}), GREY),
    "ImageJ slices called channels": (write(GREY[:3], imagej=True), GREY[:3]),
    "ImageJ slices": (write(GREY, imagej=True, metadata={"axes": "ZYX"}), GREY),
    "OME in agreement": (described(OME.format(IMAGE.format(0, 6, "<TiffData/>")), 6),
        GREY),
    "bare ImageJ": (described("ImageJ=1.54\n", 6), GREY),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_stack_is_read_as_a_viewer_shows_it(tmp_path, name, caplog):
    make, expected = READ[name]
    make(tmp_path / "a.tif")
    caplog.clear()
    found = read_stack(tmp_path / "a.tif")
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)
    assert "warning:" not in caplog.text
    if expected.dtype == np.uint8:
        with open_image(tmp_path / "a.tif") as volume:
            assert volume.dtype == np.uint8
            assert len(volume) == len(expected)
            np.testing.assert_array_equal(volume[2], expected[2])


CHANNELS = {"axes": "CYX", "mode": "composite"}
CLASSES = np.zeros((6, 48, 40, 2), np.float32)
REFUSED = {
    "shapes": (write_pages([*GREY, GREY[0, :20]]),
        r"7 series of the shapes \(20, 40\) uint8, \(48, 40\) uint8, expected one"),
    "types": (write_pages([*GREY, GREY[0].astype("u2")]), r"uint16.*uint8, expected"),
    "palette": (write(GREY, "palette", colormap=COLOURS), "palette of colours, expec"),
    "white is zero, float": (write(GREY.astype("f4"), "miniswhite"), "black-is-zero"),
    "composite": (write(GREY[:3], imagej=True, metadata=CHANNELS),
        "axes CYX, expected.*3 channels: save one alone"),
    "OME channels": (write(GREY, ome=True, metadata={"axes": "CYX"}),
        "axes CYX, expected.*6 channels.*'ZYX'"),
    "planar colours": (write(GREY[:4], None),
        r"4 slices are stored as the colours.*photometric=\"minisblack\""),
    "slices last, as colours": (write(GREY.transpose(1, 2, 0)[..., :3], None),
        "3 samples.*slices stored last with photometric"),
    "classes": (write(CLASSES), r"axis 3 of size 2 may hold channels or classes"),
    "OME of more": (described(OME.format(IMAGE.format(0, 6, "<TiffData/>")), 4),
        "holds 4 slices, but its OME metadata name 6"),
    "OME of fewer": (described(OME.format(IMAGE.format(0, 2, "<TiffData/>")), 4),
        "holds 4 slices, but its OME metadata name 2"),
    "OME images of more": (described(OME.format("".join(
        IMAGE.format(k, 1, f'<TiffData IFD="{k}" PlaneCount="1"/>') for k in range(6)
        )), 4), "holds 4 slices, but its OME metadata name 6"),
    "ImageJ of more": (described("ImageJ=1.54\nimages=6\nslices=6\n", 4),
        "holds 4 slices, but its ImageJ metadata name 6"),
    "ImageJ of fewer": (described("ImageJ=1.54\nimages=3\nslices=3\n", 6),
        "holds 6 slices, but its ImageJ metadata name 3"),
    "shape of more": (described('{"shape": [6, 48, 40]}', 4),
        "holds 4 slices, but its shape metadata name 6"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", REFUSED)
def test_other_stacks_are_refused_in_one_line(tmp_path, name):
    make, message = REFUSED[name]
    make(tmp_path / "a.tif")
    with pytest.raises(InputError, match=rf"a\.tif .*{message}") as caught:
        read_stack(tmp_path / "a.tif")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (write(GREY.transpose(1, 2, 0)), "axes QYX.*48 slices of 40 x 6 px"),
        (write(GREY, metadata={"axes": "YXZ"}), "axes YXZ.*40 slices of 6 x 48 px"),
    ],
    ids=["last", "not last"],
)
def test_axes_that_the_shape_speaks_against_are_named(tmp_path, caplog, make, words):
    make(tmp_path / "a.tif")
    with caplog.at_level(logging.WARNING):
        read_stack(tmp_path / "a.tif")
    (record,) = [r for r in caplog.records if r.name == "root"]
    assert re.search(words, record.getMessage())


def test_compressions_of_the_field(tmp_path):
    pytest.importorskip("imagecodecs")
    (tmp_path / "lzw.tif").write_bytes(lzw_bytes(GREY))
    np.testing.assert_array_equal(read_image(tmp_path / "lzw.tif"), GREY)
    write(GREY, compression="zstd")(tmp_path / "zstd.tif")
    np.testing.assert_array_equal(read_image(tmp_path / "zstd.tif"), GREY)
    write(GREY, compression="jpeg")(tmp_path / "jpeg.tif")
    assert read_image(tmp_path / "jpeg.tif").shape == GREY.shape
    flat = np.full((2, 2048, 2048), 255, np.uint8)
    write(flat, compression="zstd")(tmp_path / "flat.tif")
    np.testing.assert_array_equal(read_stack(tmp_path / "flat.tif"), flat)


@pytest.mark.parametrize("compression", ["lzw", "zstd", "jpeg"])
def test_stack_that_is_cut_is_not_made_up(tmp_path, compression):
    pytest.importorskip("imagecodecs")
    path = tmp_path / "a.tif"
    write(GREY, compression=compression)(path)
    content = path.read_bytes()
    for length in range(0, len(content), 503):
        path.write_bytes(content[:length])
        named = r"cannot be read as|holds \d slices, but its shape metadata name 6"
        with pytest.raises(InputError, match=named):
            read_stack(path)


def test_missing_codec_is_named_with_the_cure(tmp_path, monkeypatch):
    (tmp_path / "a.tif").write_bytes(lzw_bytes(GREY))
    error = ValueError("<COMPRESSION.LZW: 5> requires the 'imagecodecs' package")

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(tifffile.TiffPage, "asarray", fail)
    with pytest.raises(InputError, match=r"COMPRESSION\.LZW.*pip install imagecodecs"):
        read_stack(tmp_path / "a.tif")


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_folder_of_numbered_slices(tmp_path, suffix):
    folder = tmp_path / "slices"
    folder.mkdir()
    for number, page in enumerate(GREY):
        imageio.imwrite(folder / f"slice{5 * number}.{suffix}", page)
    (folder / "notes.txt").touch()
    np.testing.assert_array_equal(read_image(folder), GREY)
    with open_image(folder) as volume:
        np.testing.assert_array_equal(volume[2], GREY[2])
    (folder / f"other5.{suffix}").write_bytes(b"")
    with pytest.raises(InputError, match=r"other5.* and slice5.* for slice 5"):
        read_image(folder)


PNGS = {
    "one bit": (GREY[0] > 9, np.where(GREY[:1] > 9, 255, 0)),
    "16 bit": (GREY[0] * np.uint16(200), GREY[:1] * np.uint16(200)),
    "grey as colours": (np.dstack([GREY[0]] * 3), GREY[:1]),
    "grey and alpha": (np.dstack([GREY[0], GREY[1] | 255]), GREY[:1]),
}


@pytest.mark.parametrize("name", PNGS)
def test_png(tmp_path, name):
    image, expected = PNGS[name]
    (tmp_path / "a.png").write_bytes(png_bytes(image))
    np.testing.assert_array_equal(read_stack(tmp_path / "a.png"), expected)


def test_colour_png_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(png_bytes(np.dstack(GREY[:3])))
    with pytest.raises(InputError, match=r"a\.png is a colour image, expected grey"):
        read_stack(tmp_path / "a.png")


def test_slices_of_two_types_are_refused(tmp_path):
    (tmp_path / "1.png").write_bytes(png_bytes(GREY[0]))
    (tmp_path / "2.png").write_bytes(png_bytes(GREY[1].astype("u2")))
    with pytest.raises(InputError, match=r"1\.png and .*2\.png .*uint8.*uint16"):
        read_stack(tmp_path)
