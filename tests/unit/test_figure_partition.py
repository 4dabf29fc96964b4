"""The figure of the partition: which slices, before and after, without labels."""

import numpy as np
import pytest
from affinity_files import write_affinities
from scipy import ndimage
from test_figure_errors import (
    SIDE,
    four_cells,
    merging,
    splitting,
    words_of,
    write_truth,
)
from training_files import call

import figure_partition
from unet2015.data.tiff import write_stack
from unet2015.errors import InputError
from unet2015.figures import changed_slices, partition_panels
from unet2015.metrics.challenge import evaluate
from unet2015.metrics.score_files import as_csv

SCORED = [1, 2, 3]
OFFSETS = ((0, 0, 1), (0, -3, 4), (0, 0, 5), (2, 0, 9))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ((0.7, 0.5, 0.4), [(4, "gains most of 3"), (10, "loses most of 3")]),
        ((0.6, 0.8, 0.7), [(9, "gains most of 3"), (4, "gains least of 3")]),
        ((0.3, 0.4, 0.1), [(9, "loses least of 3"), (10, "loses most of 3")]),
        ((0.5, 0.5, 0.7), [(10, "gains most of 3"), (9, "gains least of 3")]),
        (
            (0.5, 0.5, 0.5),
            [(4, "unchanged, as all of 3"), (10, "unchanged, as all of 3")],
        ),
    ],
)
def test_slices_that_gain_and_lose_most(after, expected):
    before = dict.fromkeys((10, 9, 4), 0.5)
    found = changed_slices.most_gained_and_lost(
        before, dict(zip((4, 9, 10), after, strict=True))
    )
    assert found == expected


def test_change_counts_and_not_the_score():
    before, after = {0: 0.9, 1: 0.2, 2: 0.5}, {0: 0.95, 1: 0.4, 2: 0.45}
    found = changed_slices.most_gained_and_lost(before, after)
    assert [chosen.slice for chosen in found] == [1, 2]


def test_a_single_slice_is_the_only_one():
    expected = [(7, "the only one")]
    assert changed_slices.most_gained_and_lost({7: 0.5}, {7: 0.4}) == expected
    none = np.zeros((1, 2, 2), bool)
    assert changed_slices.most_differing(none, none, [7]) == expected


def test_scores_of_different_slices_are_refused():
    with pytest.raises(InputError, match=r"slices 1, 2 and 1, 3, expected the same"):
        changed_slices.most_gained_and_lost({2: 0.5, 1: 0.5}, {1: 0.5, 3: 0.5})


def test_slices_in_which_most_pixels_differ():
    before = np.zeros((4, 3, 3), bool)
    after = before.copy()
    before[1, 0], after[2, 0], after[3, :2] = True, True, True
    assert changed_slices.most_differing(before, after, [5, 6, 7, 8]) == [
        (8, "most changed of 4"),
        (6, "second most changed of 4"),
    ]


@pytest.mark.parametrize(
    ("offsets", "index"),
    [
        (OFFSETS, 1),  # as long as (0, 0, 5), and before it; (2, 0, 9) leads away
        (((0, 0, 1), (0, 0, -9), (0, 8, 0)), 1),
        (((1, 0, 0), (1, 4, 4)), 1),
    ],
)
def test_longest_offset_in_the_slice(offsets, index):
    assert partition_panels.longest(offsets) == index


def write_scored(folder, name, slices):
    """Write a probability of the scored slices and its scores, also misnumbered."""
    stack = np.float32(slices)
    write_stack(folder / f"{name}.tif", stack)
    scores = evaluate(np.stack([four_cells()] * 3), stack, threads=1)
    (folder / f"{name}.csv").write_text(as_csv(scores, SCORED))
    (folder / f"{name}-other.csv").write_text(as_csv(scores, [0, 1, 2]))


@pytest.fixture
def data(tmp_path):
    """Write what the program reads: slice 1 loses a merge, slice 3 gets a split."""
    write_truth(tmp_path)
    clean = four_cells().astype(float)
    write_scored(tmp_path, "before", np.maximum([merging(), clean, clean], 0.25))
    write_scored(tmp_path, "after", [clean, clean, splitting()])
    (tmp_path / "empty.csv").write_text(as_csv(None, SCORED))
    ids = ndimage.label(four_cells())[0]
    ids = np.stack([ids, ids, np.minimum(ids, 3)]).astype(np.uint32)
    write_stack(tmp_path / "instances.tif", ids)
    planes = np.linspace(0, 1, len(OFFSETS), dtype=np.float32)
    planes = np.broadcast_to(planes[:, None, None], (len(OFFSETS), SIDE, SIDE))
    write_affinities(tmp_path / "affinities.tif", [planes] * 3, OFFSETS)
    return tmp_path


UNKNOWN = {"labels": "unknown.tif", "scores": "empty.csv"}
UNKNOWN |= {"partitioned-scores": "empty.csv"}


def run(data, *outputs, **changed):
    """Call the program on the data."""
    inputs = {"volume": "volume.tif", "labels": "labels.tif", "split": "split.json"}
    inputs |= {"probability": "before.tif", "scores": "before.csv"}
    inputs |= {"partitioned": "after.tif", "partitioned-scores": "after.csv"}
    inputs |= {"instances": "instances.tif", "affinities": "affinities.tif"}
    files = {name: data / file for name, file in (inputs | changed).items()}
    call(figure_partition, files, "--nm-per-pixel=4", "--output", *map(str, outputs))


@pytest.fixture
def drawn(monkeypatch):
    """Collect the figures instead of writing them."""
    figures = []
    monkeypatch.setattr(figure_partition, "save", lambda f, _: figures.append(f))
    return figures


def titles(figure):
    """Return the titles of the panels, row by row."""
    found = [axes.get_title() for axes in figure.axes]
    return found[:4], found[4:]


def test_rows_show_errors_before_and_after(data, drawn):
    run(data, "p.png")
    first, second = titles(drawn[0])
    assert first[:2] == ["0 × split, 1 × merged", "0 × split, 0 × merged"]
    assert second[:2] == ["0 × split, 0 × merged", "1 × split, 0 × merged"]


def test_headlines_tell_v_rand_before_and_after(data, drawn):
    run(data, "p.png")
    gain, loss = [w for w in words_of(drawn[0]) if w.startswith("slice")]
    assert gain.startswith("slice 1, gains most of 3:  V_Rand 0.")
    assert gain.endswith(" before (a, t = 0.3), 1.0000 after (b, t = 0.0)")
    assert loss.startswith("slice 3, loses most of 3:  V_Rand 1.0000 before (a, ")


def test_errors_are_those_at_the_best_threshold(data, drawn):
    clean = np.maximum(four_cells(), 0.55)  # one cell at lower thresholds
    write_scored(data, "high", [clean] * 3)
    run(data, "p.png", probability="high.tif", scores="high.csv")
    assert titles(drawn[0])[0][0] == "0 × split, 0 × merged"
    assert "1.0000 before (a, t = 0.6)" in " ".join(words_of(drawn[0]))


def test_rows_show_the_longest_affinity_and_the_cells(data, drawn):
    run(data, "p.png")
    first, second = titles(drawn[0])
    assert first[2:] == ["affinity, offset [0, -3, 4]", "4 cells"]
    assert second[3] == "3 cells"
    affinity, cells = (axes.images[0].get_array() for axes in drawn[0].axes[2:4])
    assert (affinity == 85).all()  # a third: the second of four planes
    seen = {tuple(colour) for colour in cells[four_cells()]}
    assert len(seen) == 4 + 1  # black where an id ends
    assert (cells[22:26] == 0).all()


def test_without_labels_the_most_changed_slices_show_new_border(data, drawn):
    run(data, "p.png", **UNKNOWN)
    words = words_of(drawn[0])
    assert "slice 1, most changed of 3:  its V_Rand is not known" in words
    assert "slice 3, second most changed of 3:  its V_Rand is not known" in words
    share = 100 * np.mean(merging() != four_cells())
    assert titles(drawn[0])[0][:2] == ["image", f"{share:.1f} % become border"]
    pixels = drawn[0].axes[1].images[0].get_array()
    grey = (pixels[..., 0] == pixels[..., 1]) & (pixels[..., 1] == pixels[..., 2])
    assert not grey[26:, 21:27].any()  # with the pixels around
    assert grey[:25].all()


@pytest.mark.parametrize(
    "changed", [{"scores": "empty.csv"}, {"labels": "unknown.tif"}]
)
def test_labels_or_scores_alone_are_too_little(data, drawn, changed):
    run(data, "p.png", **changed)
    assert "image" in words_of(drawn[0])


@pytest.mark.slow
@pytest.mark.parametrize("changed", [{}, UNKNOWN])
def test_figure_is_written_in_every_format(data, changed):
    outputs = [data / "p.png", data / "p.pdf"]
    run(data, *outputs, **changed)
    assert all(path.stat().st_size > 1000 for path in outputs)


def refused(data, message, **changed):
    """Assert that the program refuses its input and writes nothing."""
    with pytest.raises(InputError, match=message):
        run(data, data / "p.png", **changed)
    assert not (data / "p.png").exists()


@pytest.mark.parametrize("name", ["partitioned", "instances"])
@pytest.mark.parametrize("shape", [(2, SIDE, SIDE), (3, SIDE, SIDE - 1)])
def test_stacks_of_another_size_are_refused(data, name, shape):
    kind = np.float32 if name == "partitioned" else np.uint32
    write_stack(data / "other.tif", np.zeros(shape, kind))
    message = rf"before\.tif has shape \(3, .*other\.tif has shape \({shape[0]}, "
    refused(data, message, **{name: "other.tif"})


def test_affinities_of_another_stack_are_refused(data):
    planes = np.zeros((len(OFFSETS), SIDE, SIDE), np.float32)
    write_affinities(data / "other.tif", [planes] * 2, OFFSETS)
    refused(data, r"other\.tif has shape \(2, ", affinities="other.tif")


@pytest.mark.parametrize("name", ["scores", "partitioned-scores"])
def test_scores_of_other_slices_are_refused(data, name):
    when = "before" if name == "scores" else "after"
    message = rf"{when}-other\.csv scores slice 0, expected one of 1, 2, 3"
    refused(data, message, **{name: f"{when}-other.csv"})
