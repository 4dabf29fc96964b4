"""Figure 2: the tile that is drawn is one that prediction could use."""

import json

import numpy as np
import pytest
from network_sizes import sizes_of

import figure_overlap_tile
from unet2015.data.tiff import write_stack
from unet2015.errors import InputError
from unet2015.figures.overlap_tile import (
    INPUT,
    OUTPUT,
    choose_tiling,
    draw_overlap_tile,
)
from unet2015.settings import defaults

PAPER = sizes_of(4, "valid", 1)
FAST = sizes_of(4, "same", 2)
DEMO = sizes_of(3, "same", 2)


def test_tile_of_the_paper_by_hand():
    rows, columns = choose_tiling((512, 400), PAPER, 0)
    # Half of 512 is 256, with 92 px around it: 444. Half of 400, in steps of 16: 208.
    assert rows[0] == (0, 256, -92, 352)
    assert columns[0].stop == 208
    assert columns[0].tail - columns[0].lead == 396
    assert [tile.stop for tile in rows] == [256, 512]


@pytest.mark.parametrize(
    ("sizes", "shape"),
    [
        (PAPER, (512, 512)),
        (PAPER, (200, 300)),
        (FAST, (512, 512)),
        (FAST, (577, 1024)),
        (DEMO, (256, 256)),
        (sizes_of(2, "valid", 2), (96, 65)),
    ],
)
def test_first_of_several_tiles_can_be_mapped(sizes, shape):
    for side, tiles in zip(shape, choose_tiling(shape, sizes, 0), strict=True):
        assert len(tiles) > 1
        first = tiles[0]
        assert first.lead < 0 == first.start < first.stop <= side
        sizes.output_side(first.tail - first.lead)
        assert first.tail - first.stop >= sizes.context


def test_slice_too_small_for_two_tiles_is_one():
    rows, columns = choose_tiling((40, 40), FAST, 0)
    assert len(rows) == len(columns) == 1
    assert (rows[0].start, rows[0].stop) == (0, 40)


def test_tile_of_the_settings_is_drawn():
    rows, _ = choose_tiling((512, 512), PAPER, 252)
    assert rows[0].tail - rows[0].lead == 252
    with pytest.raises(InputError, match=r"tile of 10 px .* at least 204 px"):
        choose_tiling((512, 512), PAPER, 10)


def rectangles(axes):
    """Return left, top, width and height of the rectangles by colour."""
    return {
        patch.get_edgecolor(): (patch.get_xy(), patch.get_width(), patch.get_height())
        for patch in axes.patches
    }


def rgba(colour):
    return (*(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)), 1.0)


def test_drawing_shows_the_tile_and_the_mirrored_border():
    image = np.random.default_rng(0).integers(0, 256, (256, 300), dtype=np.uint8)
    tiling = choose_tiling(image.shape, PAPER, 0)
    figure = draw_overlap_tile(image, image > 99, tiling)
    left, right = figure.axes
    (row, column) = (axis[0] for axis in tiling)
    size = (column.tail + 92, row.tail + 92)
    needed = ((-92.5, -92.5), *size)
    given = ((-0.5, -0.5), column.stop, row.stop)
    assert rectangles(left) == {rgba(INPUT): needed, rgba(OUTPUT): given}
    assert rectangles(right) == {rgba(OUTPUT): given}
    assert f"(blue): {size[1]} × {size[0]} px" in left.get_title()
    assert f"(yellow): {row.stop} × {column.stop} px" in right.get_title()
    # numpy's own mirror, as far as the last tile reaches.
    below, beyond = (
        axis[-1].tail - n for axis, n in zip(tiling, image.shape, strict=True)
    )
    mirrored = np.pad(image, ((92, below), (92, beyond)), mode="reflect")
    canvas, plain = left.images
    assert (canvas.get_array() == mirrored).all()
    extent = (-92.5, 300 + beyond - 0.5, 256 + below - 0.5, -92.5)
    assert tuple(canvas.get_extent()) == extent
    assert (plain.get_array() == image).all()
    assert tuple(left.get_xlim() + left.get_ylim()) == extent
    assert tuple(right.get_xlim() + right.get_ylim()) == extent
    assert (right.images[0].get_array() == (image > 99)).all()


def test_zeros_are_drawn_where_the_network_sees_zeros():
    image = np.full((64, 64), 200, dtype=np.uint8)
    tiling = choose_tiling(image.shape, DEMO, 0)
    canvas = (
        draw_overlap_tile(image, image > 0, tiling, "zero")
        .axes[0]
        .images[0]
        .get_array()
    )
    assert (canvas[:32] == 0).all()
    assert (canvas[32:96, 32:96] == 200).all()


@pytest.fixture
def command(tmp_path):
    """Write the inputs of the program; return its arguments."""
    volume = np.random.default_rng(1).integers(0, 256, (3, 96, 96), dtype=np.uint8)
    write_stack(tmp_path / "volume.tif", volume)
    write_stack(tmp_path / "p.tif", (volume[1:] / 255).astype(np.float32))
    for name, value in (
        ("split", {"score": {"slices": [1, 2]}}),
        ("network", defaults("network") | {"depth": 2}),
        ("inference", defaults("inference")),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    files = {"volume": "volume.tif", "probability": "p.tif"}
    files |= {name: f"{name}.json" for name in ("split", "network", "inference")}
    return [w for k, f in files.items() for w in (f"--{k}", str(tmp_path / f))]


def test_program_shows_the_first_scored_slice(command, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        figure_overlap_tile, "draw_overlap_tile", lambda *a: drawn.extend(a)
    )
    monkeypatch.setattr(figure_overlap_tile, "save", lambda *_: None)
    figure_overlap_tile.main([*command, "--output", "x.png"])
    image, cells, _, border = drawn
    expected = np.random.default_rng(1).integers(0, 256, (3, 96, 96), dtype=np.uint8)
    assert (image == expected[1]).all()
    assert (cells == (expected[1] / 255 > 0.5)).all()
    assert border == "mirror"


def test_prediction_of_another_split_is_refused(command, tmp_path):
    (tmp_path / "split.json").write_text(json.dumps({"score": {"slices": [0, 1, 2]}}))
    arguments = [*command, "--output", str(tmp_path / "x.png")]
    with pytest.raises(InputError, match=r"\(2, 96, 96\), expected \(3, 96, 96\)"):
        figure_overlap_tile.main(arguments)
    assert not (tmp_path / "x.png").exists()
