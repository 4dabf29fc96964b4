import json
import re
from pathlib import Path

import numpy as np
import pytest
import tifffile
from tiny_data import SHAPE, STACKS, slice_files, write_files

import import_stacks
from unet2015.data.dataset import NAMES
from unet2015.data.stacks import pixel_sha256
from unet2015.data.tiff import read_stack
from unet2015.errors import InputError


@pytest.fixture
def program(tmp_path):
    """Run the program on stacks of a lab; return the folder of its outputs.

    Arrays take the place of the stacks of the tiny data set, None leaves a stack
    out, and any other value is what the settings say.
    """

    def run(*options, **changes):
        settings = {}
        changes = {name.replace("_", "-"): value for name, value in changes.items()}
        for name, value in {**STACKS, **changes}.items():
            path = tmp_path / "lab" / f"my {name}.tif"
            path.parent.mkdir(exist_ok=True)
            if isinstance(value, np.ndarray):
                tifffile.imwrite(path, value, photometric="minisblack")
                settings[name] = str(path)
            elif value is not None:
                settings[name] = value
        (tmp_path / "settings.json").write_text(json.dumps(settings))
        folder = tmp_path / "results"
        import_stacks.main(
            [
                f"--settings={tmp_path / 'settings.json'}",
                *(f"--{name}={folder / name}.tif" for name in NAMES),
                f"--provenance={folder / 'provenance.json'}",
                *options,
            ]
        )
        return folder

    return run


def test_stacks_and_provenance(program, tmp_path):
    folder = program()
    for name, expected in STACKS.items():
        np.testing.assert_array_equal(read_stack(folder / f"{name}.tif"), expected)
    text = (folder / "provenance.json").read_text()
    assert str(tmp_path) not in text
    assert json.loads(text) == {
        "source": "files",
        "stacks": {
            name: {
                "origin": f"file:my {name}.tif",
                "sha256": pixel_sha256(STACKS[name]),
                "shape": list(SHAPE),
                "available": True,
            }
            for name in NAMES
        },
    }


def test_folders_of_slices(program, tmp_path):
    write_files(tmp_path, slice_files({"train-labels": STACKS["train-labels"]}))
    folder = program(train_labels=str(tmp_path / "train-labels"))
    found = read_stack(folder / "train-labels.tif")
    np.testing.assert_array_equal(found, STACKS["train-labels"])
    record = json.loads((folder / "provenance.json").read_text())["stacks"]
    assert record["train-labels"]["origin"] == "file:train-labels"


def test_volumes_may_differ_in_shape(program):
    volume, labels = STACKS["test-volume"][:2, :40], STACKS["test-labels"][:2, :40]
    folder = program(test_volume=volume, test_labels=labels)
    assert read_stack(folder / "test-labels.tif").shape == (2, 40, 40)


@pytest.mark.parametrize("stand_in", [None, np.full((2, 48, 40), 127, np.uint8)])
def test_unknown_test_labels(program, stand_in):
    folder = program(test_volume=STACKS["test-volume"][:2], test_labels=stand_in)
    labels = read_stack(folder / "test-labels.tif")
    assert labels.shape == (2, 48, 40) and (labels == 127).all()
    record = json.loads((folder / "provenance.json").read_text())["stacks"]
    assert [record[name]["available"] for name in NAMES] == [True, True, True, False]


def test_test_labels_may_be_null(program, tmp_path):
    stacks = {name: str(tmp_path / "lab" / f"my {name}.tif") for name in NAMES[:3]}
    program()
    imported = import_stacks.import_stacks({**stacks, "test-labels": None})
    assert not imported["test-labels"].available


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"train_labels": STACKS["train-labels"][:2]},
            r"train-volume \(file:my train-volume.tif\) has shape \(3, 48, 40\) and "
            r"train-labels \(file:my train-labels.tif\) has shape \(2, 48, 40\).*"
            r"train-labels lacks 1 slice",
        ),
        (
            {"train_volume": STACKS["train-volume"][:2]},
            r"\(2, 48, 40\) .*\(3, 48, 40\).*train-volume lacks 1 slice",
        ),
        (
            {"test_labels": STACKS["test-labels"][:1]},
            r"\(3, 48, 40\) .*\(1, 48, 40\).*test-labels lacks 2 slice",
        ),
        (
            {"test_volume": STACKS["test-volume"][:, :, :31]},
            "slices of 48 x 31 pixels, expected at least 32",
        ),
        (
            {"train_volume": STACKS["train-volume"].astype(np.uint16)},
            "volumes are train-volume uint16 and test-volume uint8, expected both of 8",
        ),
        (
            {"train_labels": "absent.tif"},
            f"absent.tif does not exist; relative paths start from {Path.cwd()}",
        ),
        ({"train_volume": ["a.tif"]}, "train-volume: .*no known stack"),
        ({"validation": "a.tif"}, "validation: 'a.tif' is no known stack"),
    ],
)
def test_unusable_stacks_are_refused(program, tmp_path, changes, message):
    with pytest.raises(InputError) as caught:
        program(**changes)
    assert re.search(message, str(caught.value))
    assert not (tmp_path / "results").exists()


def test_slices_of_32_pixels_are_accepted(program):
    program(**{name.replace("-", "_"): s[:, :32, :32] for name, s in STACKS.items()})


def imported(folder):
    return read_stack(folder / "train-labels.tif")


TRUTH = STACKS["train-labels"]


@pytest.mark.parametrize(
    "labels", [TRUTH > 0, TRUTH // 255, TRUTH.astype(np.uint16)], ids=lambda a: a.dtype
)
def test_masks_of_any_kind_are_imported(program, labels):
    labels = labels.astype(np.uint8) if labels.dtype == bool else labels
    np.testing.assert_array_equal(imported(program(train_labels=labels)), TRUTH)


def test_numbered_cells_are_imported_whatever_they_cover(program):
    ids = np.zeros(SHAPE, np.int32)
    ids[:, 4:10, 4:10], ids[:, 4:10, 10:16] = 70_000, 70_001
    expected = np.zeros(SHAPE, np.uint8)
    expected[:, 4:10, 4:9], expected[:, 4:10, 11:16] = 255, 255
    np.testing.assert_array_equal(imported(program(train_labels=ids)), expected)


def test_a_mask_says_where_numbered_cells_are_known(program, tmp_path):
    ids = np.zeros(SHAPE, np.int32)
    ids[:, 4:10, 4:10], ids[:, 4:10, 10:16] = 127, 128
    mask = np.ones(SHAPE, np.uint8)
    mask[0, :, 12:], mask[1] = 0, 0
    tifffile.imwrite(tmp_path / "known.tif", mask, photometric="minisblack")
    path = str(tmp_path / "known.tif")
    found = imported(program(train_labels=ids, train_mask=path))
    assert (found[mask == 0] == 127).all()
    whole = imported(program(train_labels=ids))
    np.testing.assert_array_equal(found[mask > 0], whole[mask > 0])
    folder = program(test_labels=ids, test_mask=path)
    np.testing.assert_array_equal(read_stack(folder / "test-labels.tif"), found)


def test_masks_that_leave_nothing_or_do_not_fit_are_refused(program, tmp_path):
    path = tmp_path / "known.tif"
    for mask, words in (
        (np.zeros(SHAPE, np.uint8), r"train-mask .* leaves no label known, expected"),
        (np.ones((2, 48, 40), np.uint8), r"shape \(2, 48, 40\) and its labels.*same"),
    ):
        tifffile.imwrite(path, mask, photometric="minisblack")
        with pytest.raises(InputError, match=words):
            program(train_mask=str(path))
    with pytest.raises(InputError, match="test-mask is of no use without test-labels"):
        program(test_labels=None, test_mask=str(path))


def test_inverted_labels_are_turned_where_grey_levels_agree(program, caplog):
    caplog.set_level("INFO")
    inverse = np.where(np.arange(40) < 3, 127, 255 - TRUTH).astype(np.uint8)
    expected = np.where(np.arange(40) < 3, 127, TRUTH)
    volume = np.where(TRUTH, STACKS["train-volume"] // 2 + 60, 30).astype(np.uint8)
    folder = program(train_volume=volume, train_labels=inverse)
    np.testing.assert_array_equal(imported(folder), expected)
    assert "train-labels.tif): 0 is taken for cell interior" in caplog.text


@pytest.mark.parametrize(
    ("grey", "area"), [("+", "less"), ("-", "more"), ("0", "less")]
)
def test_doubt_about_the_interior_asks_for_the_key(program, tmp_path, grey, area):
    labels = np.zeros(SHAPE, np.uint8)
    labels[:, :, : 12 if area == "less" else 28] = 255
    brighter = {"+": 40, "-": -40, "0": 0}[grey]
    noise = np.random.default_rng(0).integers(0, 20, SHAPE)
    volume = (100 + noise + np.where(labels, brighter, 0)).astype(np.uint8)
    stacks = {"train_volume": volume, "train_labels": labels}
    with pytest.raises(InputError, match=r"set datasets.<name>.interior to bright if"):
        program(**stacks)
    assert not (tmp_path / "results").exists()
    changes = {**stacks, "test_labels": None}
    np.testing.assert_array_equal(
        imported(program("--interior=bright", **changes)), labels
    )
    np.testing.assert_array_equal(
        imported(program("--interior=dark", **changes)), 255 - labels
    )


def test_slices_that_nobody_labelled_stay_unknown(program):
    labels = TRUTH.copy()
    labels[0], labels[2] = 127, 127
    folder = program("--interior=bright", train_labels=labels)
    np.testing.assert_array_equal(imported(folder), labels)


def scaled_stacks(program, *options, **changes):
    """Import changed volumes; return both as they were written, and the record."""
    folder = program("--interior=bright", *options, **changes)
    record = json.loads((folder / "provenance.json").read_text())
    volumes = [read_stack(folder / f"{name}-volume.tif") for name in ("train", "test")]
    return *volumes, record.get("intensity_range")


def test_the_training_volume_decides_how_the_test_volume_is_scaled(program):
    train = np.linspace(1000, 3000, np.prod(SHAPE)).reshape(SHAPE).astype(np.uint16)
    low, high = np.percentile(train, (0.5, 99.5))
    found, test, record = scaled_stacks(
        program, train_volume=train, test_volume=train + np.uint16(500)
    )
    assert record == [low, high]
    for image, source in ((found, train), (test, train + 500.0)):
        expected = np.clip((source - low) / (high - low), 0, 1) * 255
        np.testing.assert_array_equal(image, np.rint(expected))


@pytest.mark.parametrize("dtype", ["i2", "i4", "u4", "f4", "f8", "u2"])
def test_a_stated_range_scales_every_type(program, dtype):
    base = np.arange(np.prod(SHAPE)).reshape(SHAPE) % 400
    volume = base.astype(dtype)  # 0..399, of which 100 becomes 0 and 355 becomes 255
    stacks = {"train_volume": volume, "test_volume": volume}
    options = ("--intensity-range", "100", "355")
    train, test, record = scaled_stacks(program, *options, **stacks)
    assert record == [100, 355]
    np.testing.assert_array_equal(train, np.clip(base - 100, 0, 255))
    np.testing.assert_array_equal(test, train)


def test_a_range_may_be_negative_and_volumes_infinite(program):
    volume = np.tile(np.float32([-np.inf, -0.5, 0, 0.5, np.inf]), (3, 48, 8))
    stacks = {"train_volume": volume, "test_volume": volume}
    train, *_ = scaled_stacks(program, "--intensity-range", "-0.5", "0.5", **stacks)
    assert train[0, 0, :5].tolist() == [0, 0, 128, 255, 255]


def test_volumes_of_8_bits_stay_and_take_no_range(program, tmp_path):
    *volumes, record = scaled_stacks(program)
    np.testing.assert_array_equal(volumes[0], STACKS["train-volume"])
    assert record is None
    with pytest.raises(InputError, match=r"is uint8, expected another type if an inte"):
        program("--intensity-range", "0", "99")


def test_percentiles_that_say_nothing_ask_for_the_key(program):
    volume = np.zeros(SHAPE, np.uint16)
    volume[0, 0, 0] = 900
    with pytest.raises(InputError, match=r"the value 0 from.*<name>\.intensity_range"):
        program(train_volume=volume, test_volume=volume)


@pytest.mark.parametrize(("shift", "warned"), [(0, False), (500, True)])
def test_clipping_of_much_is_warned_of(program, caplog, shift, warned):
    train = np.linspace(1000, 3000, np.prod(SHAPE)).reshape(SHAPE).astype(np.uint16)
    program(train_volume=train, test_volume=train + np.uint16(shift))
    found = re.findall(r"(\d+) % of .* test-volume.tif do not lie between", caplog.text)
    assert found == (["26"] if warned else [])
    assert "train-volume.tif do not lie" not in caplog.text
