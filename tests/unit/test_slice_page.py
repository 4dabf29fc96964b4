import json
import re

import numpy as np
import pytest
from slice_pages import IDS, LABELS, decoded, make_page, pages_data

from unet2015.errors import InputError
from unet2015.figures.slice_layers import SliceLayers, errors_of, pictures
from unet2015.report.slice_page import render_slices


@pytest.fixture
def noise():
    """Give a reader of slices that hardly compress."""

    def read(index, side=600):
        grey = np.random.default_rng(index).integers(0, 256, (side, side), np.uint8)
        return SliceLayers(grey, grey / np.float32(255), grey.astype(np.uint32), None)

    return read


def test_pictures_show_the_layers(tmp_path):
    data = pages_data(make_page(tmp_path, labels=True))
    assert (data["count"], data["height"], data["width"]) == IDS.shape
    assert [*data["layers"]] == ["image", "probability", "cells", "errors"]
    assert [shown["number"] for shown in data["slices"]] == [0, 1, 2]
    image, probability, cells, errors = (
        decoded(data["slices"][1][name]) for name in data["layers"]
    )
    for picture in (image, probability, cells, errors):
        assert picture.shape[:2] == IDS.shape[1:]
    assert (np.abs(probability[..., 0] - 255.0 * (LABELS[1] > 0)) < 60).mean() > 0.95
    assert (cells[..., 3] > 0).mean() > 0.8  # the lines between cells are transparent


def test_images_of_16_bits_are_shown_in_full_contrast(tmp_path):
    grey = np.broadcast_to(np.arange(96, dtype=np.uint16), IDS.shape)
    data = pages_data(make_page(tmp_path, volume=9000 + 50 * grey))
    row = decoded(data["slices"][0]["image"])[20, :, 0]
    assert row[:3].max() < 20 < 235 < row[-3:].min()


def test_a_cell_has_one_colour_in_all_slices(tmp_path):
    data = pages_data(make_page(tmp_path))
    cells = [decoded(shown["cells"]) for shown in data["slices"]]
    for number in (1, 2):
        colours = {
            tuple(pixel)
            for picture, ids in zip(cells, IDS, strict=True)
            for pixel in picture[ids == number].tolist()
            if pixel[3]
        }
        assert len(colours) == 1
    assert "errors" not in data["layers"]


def test_splits_and_merges_are_counted_where_the_truth_is_known():
    labels = np.full((40, 80), 255, np.uint8)
    labels[:, 39:41] = 0
    cut = np.where(labels == 255, 0.9, 0.1).astype(np.float32)
    cut[19:21, :39] = 0.1
    whole = np.full_like(cut, 0.9)
    found = [errors_of(labels, p, 0.5) for p in (cut, whole)]
    assert [(each.splits, each.merges) for each in found] == [(1, 0), (0, 1)]
    labels[:, :39] = 127
    found = [errors_of(labels, p, 0.5) for p in (cut, whole)]
    assert [(each.splits, each.merges) for each in found] == [(0, 0), (0, 0)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("most", "shrinkage", "slices"),
    [(10**9, 1, 5), (1_500_000, 2, 5), (450_000, 2, 3)],
)
def test_pages_keep_to_the_bound(noise, most, shrinkage, slices):
    shown, found = pictures(noise, (5, 600, 600), most)
    length = len(json.dumps(shown))
    assert found == shrinkage
    assert len(shown) == slices
    assert length < most + 1000
    numbers = [each["number"] for each in shown]
    assert numbers == [*range(0, 5, {5: 1, 3: 2}[slices])]


def test_page_asks_nothing_of_the_network(tmp_path):
    text = make_page(tmp_path, labels=True).read_text()
    assert "http" not in text.replace("http-equiv", "")
    assert set(re.findall(r"(?:src|href)=", text)) == set()
    assert "default-src 'none'" in text


def test_names_are_text_and_no_markup():
    shown = [{"number": 0, "image": "a</script>"}]
    page = render_slices("<b>&", "<i>", (1, 2, 3), shown)
    assert "<b>" not in page and "<i>" not in page and "&lt;b&gt;&amp;" in page
    assert "a</script>" not in page


def test_stacks_that_do_not_belong_together_are_refused(tmp_path):
    with pytest.raises(
        InputError, match=r"instances.tif has the shape \(2, .*expected"
    ):
        make_page(tmp_path, instances=IDS[:2])
    assert not (tmp_path / "page.html").exists()
