import json
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
import tifffile
from scipy import ndimage

import augment
from unet2015.errors import InputError
from unet2015.samples import augmentation
from unet2015.samples.augmentation import random_numbers, sample, source_positions
from unet2015.samples.deformation import displacement
from unet2015.settings import defaults

OFF = defaults("augmentation") | {
    "samples": 6,
    "side": 32,
    "rotate": False,
    "flip": False,
    "scale": 0.0,
    "shift": 0.0,
    "displacement_std": 0.0,
    "contrast": 0.0,
    "brightness": 0.0,
    "noise": 0.0,
}
ON = {
    **OFF,
    "rotate": True,
    "flip": True,
    "scale": 0.1,
    "shift": 5.0,
    "displacement_std": 4.0,
    "contrast": 0.1,
    "brightness": 10.0,
    "noise": 5.0,
}


@pytest.fixture
def stacks(smooth):
    """Return slices and their labels, round cells of which some touch the border."""
    volume = smooth((3, 60, 80), sigma=1).astype(np.uint8)
    cells = smooth((3, 60, 80), seed=1, sigma=6) > 110
    return volume, np.where(cells, 255, 0).astype(np.uint8)


@pytest.mark.parametrize("size", [(60, 80), (32, 33), (31, 32)])
def test_without_augmentation_a_sample_is_a_crop(stacks, size):
    volume, labels = (stack[:, : size[0], : size[1]] for stack in stacks)
    padded = np.pad(volume, [(0, 0), (0, 1), (0, 1)], mode="reflect")
    crops = np.lib.stride_tricks.sliding_window_view(padded, (32, 32), axis=(1, 2))
    for index in range(20):
        made = sample(volume, labels, 0, index, OFF)
        found = np.argwhere((crops == made.image).all(axis=(3, 4)))
        assert len(found) == 1
        z, y, x = found[0]
        truth = np.pad(labels[z], [(0, 1), (0, 1)], mode="reflect")
        np.testing.assert_array_equal(made.labels, truth[y : y + 32, x : x + 32])


def test_crops_lie_everywhere_inside_the_slice():
    corners = []
    for index in range(400):
        positions = source_positions(random_numbers(0, index, (3, 60, 80), OFF), 32)
        assert positions[0].min() >= 0 <= positions[1].min()
        assert positions[0].max() <= 59
        assert positions[1].max() <= 79
        corners.append(positions[:, 0, 0])
    assert np.ptp(corners, axis=0) == pytest.approx([28, 48], abs=1)


def test_shifted_samples_reach_beyond_the_slice():
    shifted, still = (
        np.array(
            [
                random_numbers(0, i, (3, 60, 80), {**OFF, "shift": s}).centre
                for i in range(99)
            ]
        )
        for s in (9.0, 0.0)
    )
    moved = np.abs(shifted - still)
    assert moved.max(axis=0) == pytest.approx([9, 9], abs=1)
    assert (shifted.min(axis=0) < 15.5).all()


def test_slices_are_drawn_evenly():
    chosen = [random_numbers(0, index, (3, 60, 80), OFF).slice for index in range(600)]
    assert np.bincount(chosen) == pytest.approx([200] * 3, abs=50)


def test_sample_depends_on_seed_and_index_alone(stacks):
    first = [sample(*stacks, 7, index, ON) for index in range(5)]
    again = [sample(*stacks, 7, index, ON) for index in reversed(range(5))][::-1]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    different = [sample(*stacks, seed, index, ON) for seed, index in [(8, 0), (7, 9)]]
    pixels = {made.image.tobytes() for made in [*first, *different]}
    assert len(pixels) == 7


@pytest.mark.parametrize("off", ["noise", "contrast", "brightness"])
def test_grey_values_do_not_change_the_geometry(stacks, off):
    for index in range(5):
        made = sample(*stacks, 0, index, ON)
        other = sample(*stacks, 0, index, {**ON, off: 0.0})
        assert (made.image != other.image).any()
        np.testing.assert_array_equal(made.labels, other.labels)


@pytest.mark.parametrize(
    ("off", "kept"),
    [
        ("rotate", ["slice", "centre", "knots", "contrast", "brightness"]),
        ("flip", ["slice", "centre", "knots", "contrast", "brightness"]),
        ("scale", ["slice", "centre", "knots", "contrast", "brightness"]),
        ("shift", ["slice", "linear", "knots", "contrast", "brightness"]),
        ("displacement_std", ["slice", "centre", "linear", "contrast", "brightness"]),
        ("contrast", ["slice", "centre", "linear", "knots", "brightness"]),
        ("brightness", ["slice", "centre", "linear", "knots", "contrast"]),
    ],
)
def test_switching_one_kind_off_leaves_the_others_as_they_were(off, kept):
    for index in range(5):
        made = random_numbers(0, index, (3, 60, 80), ON)._asdict()
        other = random_numbers(0, index, (3, 60, 80), {**ON, off: 0})._asdict()
        for name in kept:
            np.testing.assert_array_equal(made[name], other[name])
        assert made["noise"].random() == other["noise"].random()


@pytest.mark.parametrize("values", [(0, 255), (3, 77, 200)])
def test_labels_never_take_new_values(stacks, values):
    volume, labels = stacks
    kinds = (labels > 0) + (volume > 128).astype(int) * (len(values) - 2)
    marked = np.array(values, dtype=np.uint8)[kinds]
    found = [np.unique(sample(volume, marked, 0, i, ON).labels) for i in range(20)]
    assert set(np.concatenate(found)) == set(values)


def test_image_and_labels_move_together(stacks):
    _, labels = stacks
    still_grey = {**ON, "contrast": 0.0, "brightness": 0.0, "noise": 0.0}
    made = [sample(labels, labels, 0, index, still_grey) for index in range(20)]
    differ = np.mean([(m.image > 127) != (m.labels > 127) for m in made])
    assert differ < 0.005  # labels shifted by one pixel would differ in 0.014


LINEAR = {
    "identity": (np.eye(2), lambda image: image),
    "flip": (np.diag([1, -1]), np.fliplr),
    "quarter turn": (np.array([[0, -1], [1, 0]]), lambda image: np.rot90(image, -1)),
    "half turn": (-np.eye(2), lambda image: np.rot90(image, 2)),
}


@pytest.mark.parametrize("case", LINEAR)
def test_flips_and_turns_agree_with_numpy(stacks, monkeypatch, case):
    linear, expected = LINEAR[case]
    volume, labels = (stack[:, :32, :32] for stack in stacks)
    drawn = random_numbers(0, 0, volume.shape, OFF)._replace(linear=linear)
    monkeypatch.setattr(augmentation, "random_numbers", lambda *_: drawn)
    made = sample(volume, labels, 0, 0, OFF)
    np.testing.assert_array_equal(made.image, expected(volume[drawn.slice]))
    np.testing.assert_array_equal(made.labels, expected(labels[drawn.slice]))


def test_matrix_turns_flips_and_scales():
    drawn = [
        random_numbers(0, i, (3, 60, 80), {**ON, "scale": 0.2}).linear
        for i in range(600)
    ]
    determinants = np.linalg.det(drawn)
    assert np.mean(determinants < 0) == pytest.approx(0.5, abs=0.08)
    scales = 1 / np.sqrt(np.abs(determinants))
    assert np.log(scales).std() == pytest.approx(0.2, rel=0.1)
    unit = np.array(drawn) * scales[:, None, None]
    np.testing.assert_allclose(unit @ unit.swapaxes(1, 2), [np.eye(2)] * 600, atol=1e-9)
    angles = np.arctan2(unit[:, 1, 0], unit[:, 0, 0])
    assert np.histogram(angles, 6, (-np.pi, np.pi))[0] == pytest.approx(100, abs=40)


def test_displacement_has_the_standard_deviation_of_the_settings():
    knots = [
        random_numbers(0, i, (1, 60, 80), {**OFF, "displacement_std": 10.0}).knots
        for i in range(600)
    ]
    assert np.std(knots) == pytest.approx(10, rel=0.04)
    assert np.mean(knots) == pytest.approx(0, abs=0.4)


def test_field_of_the_paper():
    settings = {**OFF, "side": 572, "grid": 3, "displacement_std": 10.0}
    drawn = random_numbers(3, 1, (1, 512, 512), settings)
    still = random_numbers(3, 1, (1, 512, 512), {**settings, "displacement_std": 0.0})
    assert drawn.knots.shape == (2, 3, 3)
    unit = random_numbers(
        3, 1, (1, 512, 512), {**settings, "displacement_std": 1.0}
    ).knots
    np.testing.assert_array_equal(drawn.knots, 10 * unit)
    field = [
        ndimage.zoom(part, 572 / 3, order=3, mode="mirror") for part in drawn.knots
    ]
    np.testing.assert_allclose(displacement(drawn.knots, 572), field, atol=1e-10)
    moved = source_positions(drawn, 572) - source_positions(still, 572)
    np.testing.assert_allclose(moved, field, atol=1e-3)  # positions are float32


def position(drawn, side, y, x):
    """Return where one pixel comes from: deform, then turn and scale, then place."""
    places = [[value * (drawn.knots.shape[-1] - 1) / (side - 1)] for value in (y, x)]
    moves = [
        ndimage.map_coordinates(part, places, order=3, mode="mirror")[0]
        for part in drawn.knots
    ]
    offset = np.array([y, x]) - (side - 1) / 2 + moves
    return drawn.centre + drawn.linear @ offset


@pytest.mark.parametrize("index", range(4))
def test_one_map_holds_everything(index):
    drawn = random_numbers(0, index, (3, 60, 80), ON)
    found = source_positions(drawn, 32)
    for y, x in [(0, 0), (31, 0), (4, 29), (16, 15)]:
        expected = position(drawn, 32, y, x)
        np.testing.assert_allclose(found[:, y, x], expected, atol=1e-4)


def test_two_warps_one_after_the_other_would_be_further_from_the_truth():
    def wave(rows, columns):
        return 127.5 + 110 * np.sin(1.1 * rows + 0.7 * columns)

    volume = np.rint(wave(*np.mgrid[:160, :160])).astype(np.uint8)[np.newaxis]
    settings = {**ON, "contrast": 0.0, "brightness": 0.0, "noise": 0.0, "shift": 0.0}
    errors = []
    for index in range(10):
        drawn = random_numbers(0, index, volume.shape, settings)
        centred = drawn._replace(centre=np.array([79.5, 79.5]))
        truth = wave(*source_positions(centred, 32))
        once = sample_of(centred, volume, 32)
        turned = sample_of(centred._replace(knots=0 * drawn.knots), volume, 64)
        places = np.mgrid[16:48, 16:48] + displacement(drawn.knots, 32)
        twice = remap(turned, places.astype(np.float32))
        errors.append([np.abs(image - truth).mean() for image in (once, twice)])
    once, twice = np.mean(errors, axis=0)
    assert once < 0.85 * twice


def test_a_sample_is_one_warp_of_its_map(stacks):
    settings = {**ON, "contrast": 0.0, "brightness": 0.0, "noise": 0.0}
    for index in range(5):
        made = sample(*stacks, 0, index, settings)
        drawn = random_numbers(0, index, stacks[0].shape, settings)
        np.testing.assert_array_equal(made.image, sample_of(drawn, stacks[0], 32))


def sample_of(drawn, volume, side):
    return remap(volume[drawn.slice], source_positions(drawn, side))


def remap(image, places):
    border = cv2.BORDER_REFLECT_101
    return cv2.remap(image, *places[::-1], cv2.INTER_CUBIC, borderMode=border)


def test_displacement_moves_the_pixels():
    drawn = random_numbers(0, 0, (1, 60, 80), OFF)
    knots = np.ones((2, 3, 3)) * np.array([2.0, -3.0])[:, None, None]
    moved = source_positions(drawn._replace(knots=knots), 32)
    still = source_positions(drawn, 32)
    np.testing.assert_allclose(moved[0] - still[0], 2, atol=1e-4)
    np.testing.assert_allclose(moved[1] - still[1], -3, atol=1e-4)


def test_sample_larger_than_the_slice_is_mirrored(stacks):
    volume, labels = (stack[:, :20, :24] for stack in stacks)
    made = sample(volume, labels, 0, 0, OFF)
    chosen = random_numbers(0, 0, volume.shape, OFF).slice
    pads = [(6, 6), (4, 4)]
    expected = np.pad(volume[chosen], pads, mode="reflect")
    np.testing.assert_array_equal(made.image, expected)
    expected = np.pad(labels[chosen], pads, mode="reflect")
    np.testing.assert_array_equal(made.labels, expected)


@pytest.mark.parametrize("size", [(60, 80), (40, 80), (33, 20)])
@pytest.mark.parametrize("shift", [0, 30, 60, 300])
def test_a_sample_reads_no_more_of_the_slice_than_it_needs(
    stacks, monkeypatch, size, shift
):
    volume, labels = (stack[:, : size[0], : size[1]] for stack in stacks)
    settings = {**ON, "side": 16, "shift": float(shift)}
    monkeypatch.setattr(augmentation, "LONGEST", 10)  # short slices are read whole
    read = [sample(volume, labels, 0, index, settings) for index in range(60)]
    monkeypatch.setattr(augmentation, "_reached", lambda _, side: slice(0, side))
    for index, found in enumerate(read):
        expected = sample(volume, labels, 0, index, settings)
        np.testing.assert_array_equal(found.image, expected.image)
        np.testing.assert_array_equal(found.labels, expected.labels)


@pytest.mark.parametrize("shift", [0, 30, 60])
def test_ids_are_those_of_the_labels_inside_and_0_outside(stacks, monkeypatch, shift):
    labels = stacks[1]
    settings = {**ON, "side": 16, "shift": float(shift)}
    for longest in (augmentation.LONGEST, 10):  # then a part of the slice is read
        monkeypatch.setattr(augmentation, "LONGEST", longest)
        for index in range(40):
            drawn = random_numbers(0, index, labels.shape, settings)
            ids = 1 + labels[drawn.slice].astype(np.int32)
            found = augmentation.warped_ids(ids, drawn, 16)
            rows, columns = np.rint(source_positions(drawn, 16))
            inside = (rows >= 0) & (rows < 60) & (columns >= 0) & (columns < 80)
            np.testing.assert_array_equal(found > 0, inside)
            expected = sample(*stacks, 0, index, settings).labels[inside]
            np.testing.assert_array_equal(found[inside] - 1, expected)


@pytest.mark.parametrize("size", [(40, 33_000), (33_000, 40)])
def test_slices_longer_than_opencv_warps_are_sampled(size):
    volume = np.random.default_rng(0).integers(0, 256, (1, *size), dtype=np.uint8)
    made = sample(volume, np.where(volume > 9, 255, 0).astype("u1"), 0, 0, OFF)
    assert made.image.shape == made.labels.shape == (32, 32)
    np.testing.assert_array_equal(made.labels, np.where(made.image > 9, 255, 0))


@pytest.mark.parametrize("centre", [(-20.5, 30.5), (70.5, 100.5), (29.5, -31.5)])
def test_outside_the_slice_is_mirrored(stacks, monkeypatch, centre):
    drawn = random_numbers(0, 0, (3, 60, 80), OFF)._replace(centre=np.array(centre))
    monkeypatch.setattr(augmentation, "random_numbers", lambda *_: drawn)
    made = sample(*stacks, 0, 0, OFF)
    top, left = (int(c - 15.5) + 50 for c in centre)
    for found, stack in zip(made, stacks, strict=True):
        wide = np.pad(stack[drawn.slice], 50, mode="reflect")
        np.testing.assert_array_equal(found, wide[top : top + 32, left : left + 32])


@pytest.mark.parametrize("threads", [2, 4])
def test_samples_are_the_same_in_any_thread_and_order(stacks, threads):
    settings = {**ON, "side": 150}
    alone = [sample(*stacks, 1, index, settings) for index in range(12)]
    order = [7, 0, 11, 3, 3, 10, 1, 9, 8, 2, 6, 5, 4]
    before = cv2.getNumThreads()
    cv2.setNumThreads(threads)
    try:
        with ThreadPoolExecutor(threads) as pool:
            made = list(pool.map(lambda i: sample(*stacks, 1, i, settings), order))
    finally:
        cv2.setNumThreads(before)
    for index, found in zip(order, made, strict=True):
        for one, other in zip(found, alone[index], strict=True):
            np.testing.assert_array_equal(one, other)


def test_grey_values_vary_as_the_settings_say():
    flat = np.full((1, 64, 64), 157, dtype=np.uint8)  # 29.5 above mid-grey

    def samples(**settings):
        chosen = {**OFF, **settings}
        return np.array(
            [sample(flat, flat, 0, i, chosen).image for i in range(300)], dtype=float
        )

    noisy = samples(noise=6.0)
    assert noisy.std(axis=(1, 2)).mean() == pytest.approx(6, rel=0.02)
    assert noisy.mean() == pytest.approx(157, abs=0.1)
    brighter = samples(brightness=15.0)[:, 0, 0]
    assert brighter.std() == pytest.approx(15, rel=0.1)
    gains = (samples(contrast=0.2)[:, 0, 0] - 127.5) / 29.5
    assert np.log(gains).std() == pytest.approx(0.2, rel=0.1)


def test_grey_values_are_clipped():
    volume = np.tile(np.array([[0, 255]], dtype=np.uint8), (1, 32, 16))
    image = sample(volume, volume, 0, 1, {**OFF, "noise": 40.0}).image
    assert set(np.unique(image[:, ::2])) & {0}
    assert set(np.unique(image[:, 1::2])) & {255}
    assert image[:, ::2].mean() < 60 < 195 < image[:, 1::2].mean()


@pytest.fixture
def program(tmp_path):
    """Materialise the samples of two slices; return them."""

    def run(volume, labels, *options):
        tifffile.imwrite(tmp_path / "volume.tif", volume, photometric="minisblack")
        tifffile.imwrite(tmp_path / "labels.tif", labels, photometric="minisblack")
        (tmp_path / "settings.json").write_text(json.dumps(ON))
        split = {"train": {"stack": "train", "slices": [0, 2]}}
        (tmp_path / "split.json").write_text(json.dumps(split))
        files = {
            "volume": "volume.tif",
            "labels": "labels.tif",
            "split": "split.json",
            "augmentation": "settings.json",
            "sample-images": "images.npy",
            "sample-labels": "sample-labels.npy",
        }
        arguments = [f"--{name}={tmp_path / file}" for name, file in files.items()]
        augment.main([*arguments, *options])
        names = ("images", "sample-labels")
        return [np.load(tmp_path / f"{name}.npy") for name in names]

    return run


@pytest.mark.parametrize("threads", [1, 3])
def test_program_materialises_the_samples(stacks, program, threads):
    volume, labels = stacks
    images, truths = program(volume, labels, "--seed=5", f"--threads={threads}")
    assert images.shape == truths.shape == (6, 32, 32)
    for index in range(6):
        made = sample(volume[[0, 2]], labels[[0, 2]], 5, index, ON)
        np.testing.assert_array_equal(images[index], made.image)
        np.testing.assert_array_equal(truths[index], made.labels)


@pytest.mark.parametrize("part", [np.s_[:2], np.s_[:, :-1]])
def test_labels_of_another_stack_are_refused(stacks, program, tmp_path, part):
    volume, labels = stacks
    with pytest.raises(
        InputError, match=r"shape \(3, 60, 80\) and .*expected the same"
    ):
        program(volume, labels[part])
    assert not list(tmp_path.glob("*.npy"))
