"""Figure 1: sizes off a forward pass, all of them drawn, nothing on top of another."""

import json
import re
from collections import Counter
from itertools import combinations, product

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

import figure_architecture
from unet2015.errors import InputError
from unet2015.figures.architecture import COLOURS, draw_architecture
from unet2015.figures.feature_maps import read_architecture
from unet2015.network.unet import UNet
from unet2015.settings import defaults

FAST = {
    "width": 32,
    "depth": 4,
    "space_to_depth": 2,
    "padding": "same",
    "norm": "batch",
}
PAPER = (
    # level, contracting and expanding (channels, side) as printed in figure 1
    ([(1, 572), (64, 570), (64, 568)], [(128, 392), (64, 390), (64, 388)]),
    ([(64, 284), (128, 282), (128, 280)], [(256, 200), (128, 198), (128, 196)]),
    ([(128, 140), (256, 138), (256, 136)], [(512, 104), (256, 102), (256, 100)]),
    ([(256, 68), (512, 66), (512, 64)], [(1024, 56), (512, 54), (512, 52)]),
    ([(512, 32), (1024, 30), (1024, 28)], []),
)


def test_sizes_are_those_of_the_paper():
    paper = read_architecture({}, 572)
    found = [(level.contracting, level.expanding) for level in paper.levels]
    assert found == list(PAPER)
    assert [level.upconv for level in paper.levels[:-1]] == [
        (64, 392),
        (128, 200),
        (256, 104),
        (512, 56),
    ]
    assert paper.image == (1, 572)
    assert paper.head == paper.output == (2, 388)
    assert paper.parameters == 31_030_658


@pytest.mark.parametrize(
    ("depth", "padding", "space_to_depth", "skip", "norm"),
    product((1, 3), ("valid", "same"), (1, 2), ("concat", "none"), ("none", "batch")),
)
def test_sizes_of_other_networks(depth, padding, space_to_depth, skip, norm):
    network = {
        "width": 3,
        "depth": depth,
        "padding": padding,
        "space_to_depth": space_to_depth,
    }
    network |= {"skip": skip, "norm": norm}
    unet = UNet(**network)
    side = unet.sizes.smallest_side + 2 * unet.sizes.step
    read = read_architecture(network, side)
    assert read.output == (2, unet.sizes.output_side(side))
    assert read.head.channels == 2 * space_to_depth**2
    assert read.levels[0].contracting[0] == (space_to_depth**2, side // space_to_depth)
    assert read.levels[-1].contracting[-1].channels == 3 * 2**depth
    for level in read.levels[:-1]:
        copied = level.expanding[0].channels - level.upconv.channels
        assert copied == (level.upconv.channels if skip == "concat" else 0)
    assert read.parameters == sum(p.numel() for p in unet.parameters())
    assert read.batch_norm == (norm == "batch")


def numbers(architecture):
    """Return every channel count and size that a drawing must show."""
    maps = [
        map_ for level in architecture.levels for part in level[:2] for map_ in part
    ]
    maps.append(architecture.head)
    for end, inner in (
        (architecture.image, maps[0]),
        (architecture.output, architecture.head),
    ):
        maps += [end] if end != inner else []
    return Counter(str(m.channels) for m in maps) + Counter(f"{m.side}²" for m in maps)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "side", "panels"), [({}, 572, 1), ({}, 188, 2), (FAST, 256, 2)]
)
def test_every_number_is_in_the_file(network, side, panels, tmp_path):
    arguments = ["--side", str(side), "--output", str(tmp_path / "a.svg")]
    if network:
        (tmp_path / "n.json").write_text(json.dumps(defaults("network") | network))
        arguments += ["--network", str(tmp_path / "n.json"), "--name", "fast"]
    figure_architecture.main(arguments)
    written = (tmp_path / "a.svg").read_text()
    texts = Counter(re.findall(r"<!-- (.*?) -->", written))
    expected = numbers(read_architecture(network, side))
    if panels == 2:
        expected += numbers(read_architecture({}, 572))
    drawn = {t: n for t, n in texts.items() if re.fullmatch(r"\d+²?", t)}
    assert drawn == dict(expected)
    assert sum(n for t, n in texts.items() if "parameters" in t) == panels


def words(**network):
    """Return the texts of the drawing of one network."""
    read = read_architecture({"width": 4, "depth": 2, **network}, 128)
    return {text.get_text() for text in draw_architecture({"x": read}).axes[0].texts}


@pytest.mark.parametrize(
    ("network", "present", "absent"),
    [
        ({"padding": "same"}, {"copy", "conv 3×3, ReLU"}, {"copy and crop"}),
        ({"padding": "valid", "depth": 1}, {"copy and crop"}, {"copy"}),
        ({"padding": "same", "skip": "none"}, {"conv 1×1"}, {"copy", "copy and crop"}),
        ({"padding": "same", "norm": "batch"}, {"conv 3×3, batch norm, ReLU"}, set()),
        (
            {"padding": "same", "space_to_depth": 2},
            {"space to depth 2×2, and back"},
            set(),
        ),
    ],
)
def test_legend_names_the_operations_that_there_are(network, present, absent):
    found = words(**network)
    assert present <= found
    assert not absent & found


@pytest.mark.parametrize(
    ("network", "counts"),
    [
        ({}, {"conv": 18, "up": 4, "head": 1, "pool": 4, "copy": 4}),
        (
            FAST,
            {"conv": 18, "up": 4, "head": 1, "pool": 4, "copy": 4, "space_to_depth": 2},
        ),
        ({"depth": 1, "skip": "none"}, {"conv": 6, "up": 1, "head": 1, "pool": 1}),
    ],
)
def test_one_arrow_an_operation(network, counts):
    read = read_architecture(network, 572 if network == {} else 256)
    patches = draw_architecture({"x": read}).axes[0].patches
    drawn = Counter(p.get_facecolor() for p in patches if not isinstance(p, Rectangle))
    once_more = Counter(counts.keys())  # in the legend
    expected = {
        to_rgba(COLOURS[k]): n for k, n in (Counter(counts) + once_more).items()
    }
    assert drawn == expected


def extents(figure):
    """Return the extents in pixels of texts, boxes and arrows."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    texts, boxes, arrows = [], [], []
    for axes in figure.axes:
        texts += [(t.get_text(), t.get_window_extent(renderer)) for t in axes.texts]
        for patch in axes.patches:
            kind = boxes if isinstance(patch, Rectangle) else arrows
            kind.append((str(patch), patch.get_window_extent(renderer)))
    return texts, boxes, arrows


def overlap(one: Bbox, other: Bbox, slack=1.0):
    """Tell whether two extents share more than a rim, in pixels."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return width > slack and height > slack


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "side"),
    [
        ({}, 572),
        ({}, 188),
        ({"depth": 1, "space_to_depth": 2, "norm": "batch", "skip": "none"}, 64),
        ({"depth": 1}, 20),
        ({"depth": 1, "space_to_depth": 4, "padding": "same", "norm": "batch"}, 64),
        ({"depth": 7, "width": 2, "padding": "same"}, 128),
        ({"depth": 2, "width": 8, "space_to_depth": 4, "padding": "same"}, 1024),
        ({"depth": 7, "padding": "same", "space_to_depth": 2}, 512),
        ({"depth": 7, "width": 512, "padding": "same"}, 4096),
        ({"depth": 3, "width": 1, "classes": 5, "in_channels": 3}, 1020),
        (FAST, 256),
    ],
)
def test_nothing_lies_on_top_of_another(network, side):
    figure = draw_architecture({"one": read_architecture(network, side)})
    texts, boxes, arrows = extents(figure)
    pairs = [*combinations(texts, 2), *combinations(boxes, 2)]
    pairs += [*product(texts, boxes), *product(texts, arrows), *product(boxes, arrows)]
    found = [(a, b) for (a, at), (b, there) in pairs if overlap(at, there)]
    assert found == []
    lengths = [max(at.width, at.height) / figure.dpi for _, at in arrows]
    assert min(lengths) > 0.2  # inches
    width, height = figure.bbox.size
    for _, extent in (*texts, *boxes):
        assert extent.x0 >= 0 and extent.x1 <= width
        assert extent.y0 >= 0 and extent.y1 <= height


@pytest.mark.parametrize(
    ("network", "side", "message"),
    [
        ({}, 570, "the nearest are 556 and 572"),
        ({}, 100, "the nearest are 188"),
        (FAST, 250, "the nearest are 224 and 256"),
        ({"padding": "reflect"}, 572, "padding is 'reflect', expected one of"),
        ({"widht": 3}, 572, "widht"),
    ],
)
def test_network_or_side_that_cannot_be_drawn(network, side, message):
    with pytest.raises(InputError, match=message):
        read_architecture(network, side)
