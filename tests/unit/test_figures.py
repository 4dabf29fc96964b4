"""Figures: files that repeat byte for byte, what they show, errors."""

import json

import numpy as np
import pytest
from training_files import call

import figure_augmentation
import figure_qualitative
import figure_training_curves
import figure_weights
from unet2015.data.tiff import write_stack
from unet2015.errors import InputError
from unet2015.figures import qualitative, slice_choice, style, training_curves
from unet2015.figures.augmentation_panels import grid_spacing, unfolded
from unet2015.figures.displacement import magnification
from unet2015.figures.label_colours import colour_cells, neighbours, palette
from unet2015.figures.scale_bar import round_length
from unet2015.figures.weight_panels import overlay
from unet2015.settings import defaults

SIDE = 48
SETTINGS = defaults("augmentation") | {
    "samples": 4,
    "side": 32,
    "flip": True,
    "scale": 0.1,
    "shift": 8,
    "displacement_std": 3,
    "contrast": 0.1,
    "brightness": 5,
    "noise": 2,
}
WEIGHTS = defaults("weights")
STATISTICS = {"mean": 128, "std": 50, "interior": 0.8}


def squares():
    """Return labels of four cells between membranes, shape (SIDE, SIDE)."""
    labels = np.full((SIDE, SIDE), 255, dtype=np.uint8)
    labels[22:26] = labels[:, 22:26] = 0
    return labels


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Write stacks, splits, samples and a history; return and enter their folder."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    labels = np.stack([squares()] * 4)
    volume = np.clip(labels * 0.6 + rng.normal(50, 15, labels.shape), 0, 255)
    probability = np.clip(labels / 255 + rng.normal(0, 0.1, labels.shape), 0, 1)
    write_stack(tmp_path / "volume.tif", volume.astype(np.uint8))
    write_stack(tmp_path / "labels.tif", labels)
    write_stack(tmp_path / "unknown.tif", np.full_like(labels, 127))
    write_stack(tmp_path / "probability.tif", probability[1:].astype(np.float32))
    (tmp_path / "split.json").write_text(
        json.dumps({"train": {"slices": [0, 1]}, "score": {"slices": [1, 2, 3]}})
    )
    (tmp_path / "augmentation.json").write_text(json.dumps(SETTINGS))
    (tmp_path / "weights.json").write_text(json.dumps(WEIGHTS))
    (tmp_path / "statistics.json").write_text(json.dumps(STATISTICS))
    history(tmp_path / "h0.csv", 60)
    history(tmp_path / "h1.csv", 40)
    return tmp_path


def history(path, steps):
    rows = [f"{s},{2.0 * s:.3f},{1 / s:.6f},0.001\n" for s in range(1, steps + 1)]
    path.write_text("step,seconds,loss,learning_rate\n" + "".join(rows))


PROGRAMS = {  # the files that each reads, and its options
    "qualitative": (figure_qualitative, ["volume.tif", "labels.tif", "split.json",
        "probability.tif"], ["--title=squares", "--nm-per-pixel=4"]),
    "weights": (figure_weights, ["volume.tif", "labels.tif", "split.json",
        "statistics.json", "augmentation.json", "weights.json"], []),
    "augmentation": (figure_augmentation, ["volume.tif", "labels.tif", "split.json",
        "augmentation.json"], []),
    "training_curves": (figure_training_curves, [], ["--names", "seed0", "seed1",
        "--history", "h0.csv", "h1.csv"]),
}  # fmt: skip


def draw(name, *outputs, options=(), **changed):
    """Run a figure's program in the folder of the data, some files or options added."""
    program, read, own = PROGRAMS[name]
    files = {file.split(".")[0]: file for file in read} | changed
    call(program, files, *own, *options, "--output", *outputs)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["qualitative", "training_curves"])
def test_figures_repeat_byte_for_byte(name, data):
    suffixes = ("svg", "pdf") if name == "training_curves" else ("png", "pdf")
    for again in ("one", "two"):
        draw(name, *(f"{again}/{name}.{suffix}" for suffix in suffixes))
    for suffix in suffixes:
        first = (data / "one" / f"{name}.{suffix}").read_bytes()
        assert len(first) > 5000
        assert first == (data / "two" / f"{name}.{suffix}").read_bytes()


def test_another_format_is_refused_before_any_file_is_written(data):
    with pytest.raises(InputError, match=r"\.jpg.*\.png, \.pdf, \.svg"):
        draw("weights", "w.png", "w.jpg")
    assert not (data / "w.png").exists()


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def draw_rows(labels):
    image = np.arange(64, dtype=np.uint8).reshape(8, 8)
    row = slice_choice.ShownSlice(
        3, image, labels, np.full((8, 8), 0.7, dtype=np.float32)
    )
    return qualitative.draw_qualitative([row], "", nm_per_pixel=100)


def test_unknown_labels_are_said_in_words(data):
    assert any("not available" in text for text in texts(draw_rows(None)))
    known = np.full((8, 8), 255, dtype=np.uint8)
    assert not any("not available" in text for text in texts(draw_rows(known)))
    # The program recognises them by their value.
    draw("qualitative", "q.png", labels="unknown.tif")
    assert (data / "q.png").exists()


def test_scale_bar_is_named():
    assert "200 nm" in texts(draw_rows(None))


@pytest.mark.parametrize(
    ("extent", "length"), [(2048, 500), (300, 100), (299, 50), (6.1, 2), (15.1, 5)]
)
def test_scale_bar_is_round_and_at_most_a_third(extent, length):
    assert round_length(extent) == pytest.approx(length)


@pytest.mark.parametrize(
    ("count", "total", "chosen"),
    [
        (3, 30, [5, 15, 25]),
        (1, 1, [0]),
        (2, 5, [1, 3]),
        (4, 4, [0, 1, 2, 3]),
        (3, 2, [0, 1]),
    ],
)
def test_slices_are_evenly_spaced(count, total, chosen):
    assert slice_choice.evenly_spaced(count, total) == chosen


def test_rows_pair_full_stack_and_scored_slices():
    volume = np.arange(6, dtype=np.uint8)[:, None, None] * np.ones((1, 2, 2), np.uint8)
    labels = np.where(volume == 5, 0, 255).astype(np.uint8)
    probability = np.array([0.2, 0.5, 0.4], dtype=np.float32)[:, None, None]
    probability = probability * np.ones((1, 2, 2), np.float32)
    rows = slice_choice.choose_slices(volume, labels, probability, [2, 5, 4], 3)
    assert [row.slice for row in rows] == [2, 5, 4]
    for row in rows:
        assert (row.image == row.slice).all()
        assert row.probability[0, 0] == pytest.approx(row.slice / 10)
    assert rows[1].labels.max() == 0


@pytest.mark.parametrize(
    ("labels", "probability", "scored", "count", "words"),
    [
        (3, 2, [0, 1], 1, "labels have shape"),
        (4, 2, [0, 4], 1, "scores slice 4, expected 0..3"),
        (4, 3, [0, 1], 1, "probability stack has shape"),
        (4, 2, [0, 1], 0, "0 of 2 scored slices"),
        (4, 0, [], 3, "3 of 0 scored slices"),
    ],
)
def test_stacks_that_do_not_fit(labels, probability, scored, count, words):
    with pytest.raises(InputError, match=words):
        slice_choice.choose_slices(
            np.zeros((4, 2, 2), np.uint8),
            np.full((labels, 2, 2), 255, np.uint8),
            np.zeros((probability, 2, 2), np.float32),
            scored,
            count,
        )


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("pixel", [0, -1, float("nan")])
def test_pixel_size_must_be_positive(pixel):
    with pytest.raises(InputError, match="nm-per-pixel"):
        draw("qualitative", "q.png", options=[f"--nm-per-pixel={pixel}"])


def test_neighbours_have_different_colours():
    # A chessboard of 8 x 8 cells, 4 px each, separated by 1 px of membrane.
    cells = np.kron(np.arange(1, 65).reshape(8, 8), np.ones((5, 5), dtype=int))
    cells[::5] = cells[:, ::5] = 0
    colours = colour_cells(cells)
    assert (colours[cells == 0] == 0).all()
    of = {cell: tuple(colours[cells == cell][0]) for cell in range(1, 65)}
    for cell, others in enumerate(neighbours(cells)):
        assert all(of[cell] != of[other] for other in others)
    assert neighbours(cells)[10] >= {2, 9, 11, 18}
    assert {tuple(c) for c in palette()} >= set(of.values())


def test_a_slice_without_cells_is_black():
    assert not colour_cells(np.zeros((4, 4), dtype=int)).any()


def test_overlay_leaves_membranes_grey():
    image = np.full((4, 4), 51, dtype=np.uint8)
    cells = np.zeros((4, 4), dtype=int)
    cells[:2] = 1
    shown = overlay(image, cells)
    assert shown[3, 3] == pytest.approx([0.2, 0.2, 0.2])
    assert np.ptp(shown[0, 0]) > 0.1


@pytest.mark.parametrize(
    "changed",
    [
        {"displacement_std": 0},
        {"side": 96},
        {"rotate": False, "flip": False, "scale": 0, "displacement_std": 0},
    ],
)
@pytest.mark.slow
def test_augmentation_of_any_settings(changed, data):
    (data / "augmentation.json").write_text(json.dumps(SETTINGS | changed))
    draw("augmentation", "a.png")
    assert (data / "a.png").exists()


def test_grid_spacing_is_a_power_of_two():
    assert [grid_spacing(side) for side in (8, 188, 256, 572)] == [2, 32, 32, 64]


def test_unfolding_mirrors_as_far_as_the_sample_reaches():
    image = np.arange(12).reshape(3, 4)
    rows, columns = np.array([[-1.2, 2.0]]), np.array([[0.0, 3.5]])
    mirrored, margins = unfolded(image, np.stack([rows, columns]))
    assert margins == [2, 0, 0, 1]
    assert (mirrored == np.pad(image, ((2, 0), (0, 1)), mode="reflect")).all()


def test_arrows_are_magnified_as_far_as_they_fit():
    feet = np.zeros((2, 1, 1))
    assert magnification(feet, np.full((2, 1, 1), 3.0), -10, 10) == 3
    assert magnification(feet, np.full((2, 1, 1), 30.0), -10, 10) == 1
    assert magnification(feet, np.full((2, 1, 1), 0.1), -10, 10) == 10


def test_running_mean_by_hand():
    values = np.array([1.0, 2, 6, 3])
    assert training_curves.smoothed(values, 1).tolist() == values.tolist()
    assert training_curves.smoothed(values, 3).tolist() == [1.5, 3, 11 / 3, 4.5]
    assert training_curves.smoothed(values, 2).tolist() == [1.5, 4, 4.5, 3]


def test_minutes_are_averaged_and_short_trainings_go_on(data):
    slow = training_curves.read_history(data / "h0.csv")  # 60 steps, 2 s each
    fast = training_curves.read_history(data / "h1.csv")  # 40 steps
    fast["seconds"] /= 2
    steps, minutes = training_curves.mean_minutes([slow, fast])
    assert steps[[0, -1]].tolist() == [0, 60]
    assert minutes == pytest.approx(steps * 1.5 / 60)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot be read"),
        ("step,loss\n1,2\n", "has the columns step, loss"),
        ("step,seconds,loss,learning_rate\n", "holds 0 steps"),
    ],
)
def test_history_that_is_none(text, words, data):
    (data / "h1.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        draw("training_curves", "t.png")


@pytest.mark.usefixtures("data")
def test_one_name_a_history():
    with pytest.raises(InputError, match="1 names for 2 histories"):
        draw("training_curves", "t.png", options=["--names", "seed0"])


def test_a_single_step_can_be_drawn(data):
    history(data / "h1.csv", 1)
    figure = training_curves.draw_training_curves(
        [training_curves.read_history(data / "h1.csv")], ["short"]
    )
    style.save(figure, [data / "t.png"])
    assert (data / "t.png").exists()
