"""What the check of a dataset stops for, what it warns of, and what its page shows."""

import json
import re

import numpy as np
import pytest
import yaml
from browser import driven
from real_data import mirror
from slice_pages import decoded
from tissue import tissue

import check
from unet2015.config.overlays import read_overlays
from unet2015.config.validation import complete
from unet2015.data.dataset import NAMES
from unet2015.data.findings import listed
from unet2015.data.tiff import read_stack, write_stack
from unet2015.errors import InputError

VOLUME, LABELS = tissue()
OTHER, TRUTH = tissue(seed=1)
STACKS = {
    "train-volume": VOLUME,
    "train-labels": LABELS,
    "test-volume": OTHER,
    "test-labels": TRUTH,
}
UNKNOWN = np.full_like(LABELS, 127)
DRAWN = np.random.default_rng(3)
CONFIG = complete(read_overlays(["config/config.yaml"]))
CHOSEN = {
    stage: {"name": name, **CONFIG[stage][name]}
    for stage, name in CONFIG["experiments"]["unet"].items()
    if stage in ("augmentation", "weights", "network")
}


@pytest.fixture
def program(tmp_path):
    """Run the program on changed stacks; return its record and its page."""

    def run(changes=None, folds=5, **entry):
        stacks = {**STACKS, **(changes or {})}
        provenance = {
            name: {
                "origin": f"file:my {name}.tif",
                "shape": list(stack.shape),
                "sha256": f"digest of {name}",
                "available": bool((stack != 127).any()),
            }
            for name, stack in stacks.items()
        }
        for name, stack in stacks.items():
            write_stack(tmp_path / f"{name}.tif", stack)
        entry = {"source": "files", **entry}
        settings = {"dataset": "mine", "entry": entry, "folds": folds, **CHOSEN}
        for name, value in (
            ("settings", settings),
            ("provenance", {"stacks": provenance}),
        ):
            (tmp_path / f"{name}.json").write_text(json.dumps(value))
        check.main(
            [
                *(f"--{name}={tmp_path / name}.tif" for name in NAMES),
                f"--provenance={tmp_path / 'provenance.json'}",
                f"--settings={tmp_path / 'settings.json'}",
                f"--page={tmp_path / 'out/check.html'}",
                f"--findings={tmp_path / 'out/check.json'}",
            ]
        )
        record = json.loads((tmp_path / "out/check.json").read_text())
        return record, (tmp_path / "out/check.html").read_text()

    return run


def changed(stack, **slices):
    """Return a stack with other slices, by number: `_2=...`."""
    found = stack.copy()
    for number, value in slices.items():
        found[int(number[1:])] = value
    return found


def with_specks(labels):
    """Return labels with a grid of single pixels of interior in their membranes."""
    found = labels.copy()
    grid = np.zeros_like(labels, bool)
    grid[:, ::4, ::4] = True
    alone = grid & (labels == 0)
    for shift in (-1, 1):
        for axis in (1, 2):
            alone &= np.roll(labels, shift, axis) == 0
    found[alone] = 255
    return found


def outlines(labels):
    """Return labels of which membranes are lines of one pixel."""
    found = np.full_like(labels, 255)
    found[:, ::16] = 0
    found[:, :, ::16] = 0
    return found


STOPS = {
    "shapes": (
        {"train-labels": LABELS[:4]},
        r"train-volume has shape \(6, 128, 128\) and train-labels has shape "
        r"\(4, 128, 128\), expected the same; train-labels lacks 2 slice",
    ),
    "shapes of the test": (
        {"test-labels": TRUTH[:, :100]},
        r"test-volume has .* and test-labels .* crop or scale one to the other",
    ),
    "interior alone": (
        {"train-labels": np.full_like(LABELS, 255)},
        r"no pixel of membrane \(0\), expected both classes; give labels in which",
    ),
    "membrane alone": (
        {"train-labels": np.where(LABELS == 0, 0, 127).astype(np.uint8)},
        r"no pixel of cell interior \(255\), expected both classes",
    ),
    "blank": (
        {"train-volume": np.stack([np.full_like(VOLUME[0], k) for k in range(6)])},
        r"is blank: no slice spans more than 0 grey levels of 255, expected more than "
        r"2; export it again, or state .*intensity_range",
    ),
}


@pytest.mark.parametrize("case", STOPS)
def test_what_nothing_can_be_trained_on_stops(program, tmp_path, case):
    changes, words = STOPS[case]
    with pytest.raises(InputError, match=words):
        program(changes)
    assert not (tmp_path / "out").exists()


def test_fewer_slices_than_folds_stop(program, tmp_path):
    few = {name: stack[:3] for name, stack in STACKS.items()}
    with pytest.raises(
        InputError,
        match=r"has 3 slices, fewer than the 5 folds .*set run.folds to 3 and "
        r"run.splits to \[fold0, fold1, fold2\]",
    ):
        program(few)
    assert not (tmp_path / "out").exists()
    program(few, folds=3)


WARNINGS = {
    "blank": (
        {"train-volume": changed(VOLUME, _2=DRAWN.integers(90, 93, (128, 128)))},
        [2],
        "train-volume is blank in slice 2: leave such slices out",
    ),
    "duplicate": (
        {"train-volume": changed(VOLUME, _4=VOLUME[1])},
        [1, 4],
        "shows the same in slice 1 and in slice 4: leave one out",
    ),
    "near duplicate": (
        {"train-volume": changed(VOLUME, _4=VOLUME[3] ^ 1)},
        [3, 4],
        "shows the same in slice 3 and in slice 4",
    ),
    "jump": (
        {
            "train-volume": changed(VOLUME, _5=np.roll(VOLUME[5], 30, 0)),
            "train-labels": changed(LABELS, _5=np.roll(LABELS[5], 30, 0)),
        },
        [4, 5],
        r"shifted by (28|29|30|31|32) px from slice 4 to slice 5: align the slices",
    ),
    "leak": (
        {"test-volume": changed(OTHER, _3=VOLUME[1])},
        [3],
        "test-volume holds training slices as slice 3: leave them out",
    ),
    "grey levels": (
        {"test-volume": OTHER // 3},
        [],
        r"test-volume has the mean grey level \d+ and train-volume \d+.*scale both",
    ),
    "unannotated": (
        {"train-labels": changed(LABELS, _0=127)},
        [0],
        r"mark nothing \(127 throughout\) in slice 0: annotate",
    ),
    "no membrane": (
        {"train-labels": changed(LABELS, _3=255)},
        [3],
        "hold no membrane in slice 3: write 127",
    ),
    "no interior": (
        {"test-labels": changed(TRUTH, _3=0)},
        [3],
        "test-labels hold no cell interior in slice 3: write 127",
    ),
    "gaps": (
        {"train-labels": np.where(np.arange(128) < 90, LABELS | 255, LABELS)},
        [0, 1, 2, 3, 4, 5],
        r"one cell over more than 60 % of the interior in slices 0-5: close gaps",
    ),
    "specks": (
        {"train-labels": with_specks(LABELS)},
        [0, 1, 2, 3, 4, 5],
        "more than 20 % of their cells below 25 px in slices 0-5: fill or remove",
    ),
    "copied": (
        {"train-labels": changed(LABELS, _2=LABELS[1])},
        [2],
        "are those of the slice before in slice 2: annotate these slices",
    ),
    "shifted": (
        {"train-labels": changed(LABELS, _3=np.roll(LABELS[3], 8, 1))},
        [3],
        r"look shifted by about [789] px beside what they mark in slice 3: compare",
    ),
    "faint": (
        {"train-volume": DRAWN.integers(0, 256, VOLUME.shape, np.uint8)},
        [],
        r"differ by \d of 255 only, expected at least 10: look whether they belong",
    ),
    "polarity": (
        {"train-labels": 255 - LABELS},
        [],
        r"may be inverted, as cell interior covers \d+ % and is \d+ grey levels darker "
        "than membrane: set datasets.<name>.interior",
    ),
    "thin": (
        {"train-labels": outlines(LABELS)},
        [],
        "draw membranes about 1.5 px wide, expected at least 2: draw them as wide",
    ),
    "folds": (
        {"train-labels": np.where(np.arange(6)[:, None, None] < 3, UNKNOWN, LABELS)},
        [],
        "mark 3 of 6 slices, fewer than the 5 folds .*: set run.folds to 3",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", WARNINGS)
def test_what_looks_odd_is_told_with_its_cure(program, caplog, case):
    changes, slices, words = WARNINGS[case]
    changes = {name: stack.astype(np.uint8) for name, stack in changes.items()}
    record, page = program(changes)
    kind = case.removeprefix("near ")
    (found,) = [each for each in record["findings"] if each["kind"] == kind]
    assert found["slices"] == slices
    assert re.search(words, found["sentence"])
    assert f"warning: {found['sentence']}" in caplog.messages
    assert f"<li>{found['sentence'].replace('<', '&lt;').replace('>', '&gt;')}" in page


def test_labels_of_the_slice_above_are_told(program):
    volume, labels = tissue(7, seed=2)
    for drift in range(1, 7):  # neighbours hardly look alike
        volume[drift], labels[drift] = (part[0] for part in tissue(1, seed=drift + 9))
    record, _ = program({"train-volume": volume[1:], "train-labels": labels[:-1]})
    kinds = {each["kind"]: each["sentence"] for each in record["findings"]}
    assert "better one slice earlier than where they lie" in kinds["neighbour"]


def test_good_stacks_have_no_findings(program, caplog):
    record, page = program()
    assert record["findings"] == []
    assert caplog.messages == []
    assert "Nothing that needs a cure." in page


@pytest.mark.real_data
def test_nothing_looks_odd_on_isbi2012(program):
    stacks = {name: read_stack(mirror() / f"{name}.tif") for name in NAMES}
    record, _ = program(stacks, nm_per_pixel=4)
    assert record["findings"] == []
    assert record["labels"]["train-labels"]["membrane_width"] == 5.5
    assert record["settings"]["augmentation"]["elastic"]["side"] == 256


def test_findings_of_the_test_stack_name_it(program):
    record, _ = program({"test-volume": changed(OTHER, _2=9)})
    assert [each["stack"] for each in record["findings"]] == ["test-volume"]


def test_test_labels_may_be_unknown(program):
    record, _ = program({"test-labels": UNKNOWN})
    assert record["findings"] == []
    assert list(record["labels"]) == ["train-labels"]


def test_a_single_slice_is_no_reason_to_stop(program):
    record, _ = program({name: stack[:1] for name, stack in STACKS.items()})
    assert [each["kind"] for each in record["findings"]] == ["folds"]
    assert "folds" not in record["settings"]["run"]


def test_measures_of_a_slice_that_is_known(program):
    labels = np.zeros_like(LABELS)
    labels[:, 10:40, 10:40], labels[:, 50:60, 50:60], labels[:, 70, 70] = 255, 255, 255
    record, _ = program({"train-labels": labels})
    found = record["slices"]["train-volume"][0]
    assert found["cells"] == 3
    assert found["median_cell"] == 100
    assert found["specks"] == 1
    assert found["interior"] == pytest.approx(1001 / 128**2)
    assert found["largest"] == pytest.approx(900 / 1001)
    assert record["labels"]["train-labels"]["cells"] == [3, 3]


def test_page_shows_slices_beside_labels(program):
    labels = changed(LABELS, _3=np.roll(LABELS[3], 8, 1))
    labels[3, :20] = 127
    _, page = program({"train-labels": labels})
    shown = json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])
    assert shown[3]["text"].startswith("train slice 3 of 0-5, ")
    assert shown[3]["text"].endswith("; shifted")
    image, drawn = (decoded(shown[3][name]) for name in ("image", "labels"))
    assert np.abs(image[..., 0] - VOLUME[3].astype(float)).mean() < 15
    assert (drawn[..., :3].max(-1)[labels[3] == 0] == 0).all()
    assert (drawn[labels[3] == 127][:, :3] == 110).all()
    inside = drawn[..., :3].max(-1)[labels[3] == 255]
    assert (inside > 0).mean() > 0.9


def test_every_id_of_the_page_is_there_once(program):
    _, page = program()
    ids = re.findall(r' id="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
    assert set(re.findall(r'of\("([^"]+)"\)', page)) <= set(ids)


DRIVER = """
<script>
addEventListener("load", async () => {
  const of = (id) => document.getElementById(id), found = { errors: [] };
  addEventListener("securitypolicyviolation", (e) => found.errors.push(e.blockedURI));
  const state = async () => {
    const pictures = [of("shown-image"), of("shown-labels")];
    await Promise.all(pictures.map((p) => p.decode()));
    return { text: of("shown").textContent, wide: of("shown-image").naturalWidth,
             src: of("shown-labels").src.length };
  };
  found.start = await state();
  of("at").value = 3; of("at").dispatchEvent(new Event("input"));
  found.slid = await state();
  found.fits = document.documentElement.scrollWidth <= innerWidth;
  document.body.textContent = JSON.stringify(found);
});
</script>
"""


@pytest.mark.long
@pytest.mark.parametrize("size", ["1280,800", "412,915"])
def test_slider_works_in_a_browser(program, tmp_path, size):
    program({"train-labels": changed(LABELS, _3=np.roll(LABELS[3], 8, 1))})
    found = driven(tmp_path / "out/check.html", DRIVER, size)
    assert found["errors"] == []
    assert found["start"]["text"].startswith("train slice 0 of 0-5")
    assert found["slid"]["text"].startswith("train slice 3 of 0-5")
    assert found["slid"]["wide"] == 128
    assert found["slid"]["src"] != found["start"]["src"]
    assert found["fits"]


def test_page_asks_nothing_of_the_network(program):
    _, page = program(nm_per_pixel=4)
    assert "http" not in page.replace("http-equiv", "")
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert "url(" not in page and "@import" not in page
    assert "default-src 'none'" in page


@pytest.mark.slow
@pytest.mark.parametrize("nm", [None, 4, 8, 0.5])
@pytest.mark.parametrize("slices", [1, 3, 6])
def test_settings_can_be_pasted(program, tmp_path, nm, slices):
    files = {
        n: f"{n}: 'a'.tif" for n in ("test-volume", "train-labels", "train-volume")
    }
    entry = {"files": files} | ({"nm_per_pixel": nm} if nm else {})
    stacks = {name: stack[:slices] for name, stack in STACKS.items()}
    record, page = program(stacks, folds=min(slices, 5), **entry)
    text = re.search(r'<pre id="yaml">(.*?)</pre>', page, re.S)[1]
    pasted = text.replace("&#x27;", "'").replace("&amp;", "&")
    assert yaml.safe_load(pasted) == record["settings"]
    assert re.findall(r"^      ([a-z-]+):", pasted, re.M) == [*files][::-1]
    (tmp_path / "mine.yaml").write_text(pasted)
    config = complete(read_overlays(["config/config.yaml", tmp_path / "mine.yaml"]))
    assert config["run"]["datasets"] == ["mine"]
    assert config["datasets"]["mine"]["files"] == files
    length = {None: 5, 4: 5, 8: 2.5, 0.5: 10}[nm]
    assert config["augmentation"]["elastic"]["side"] == 128
    assert config["augmentation"]["elastic"]["displacement_std"] == length
    assert config["weights"]["border-3"]["sigma"] == length
    if slices > 1:
        assert config["run"]["folds"] == min(slices, 5)


@pytest.mark.slow
def test_how_masks_were_read_is_said(program, tmp_path):
    ids = np.zeros_like(LABELS)
    ids[:, 5:60, 5:60], ids[:, 64:120, 64:120] = 7, 9
    for name, stack, stated, words in (
        ("bright", LABELS, "guess", "in the file, 255 or 1 is cell interior (by area"),
        (
            "dark",
            255 - LABELS,
            "dark",
            "in the file, 0 is cell interior (as interior: dark)",
        ),
        ("ids", ids, "guess", "the file numbers cells, and 0 is membrane"),
    ):
        write_stack(tmp_path / f"{name}.tif", stack)
        files = {"train-labels": str(tmp_path / f"{name}.tif")}
        record, page = program(files=files, interior=stated)
        said = record["labels"]["train-labels"]["polarity"]
        assert said.startswith(words)
        assert re.search(r"covers \d+ % and is \d+ grey levels brighter", said)
        assert said in page
        assert record["stacks"]["train-labels"]["type"] == "uint8"
    record, _ = program(files={"train-labels": str(tmp_path / "moved away.tif")})
    assert record["stacks"]["train-labels"]["type"] == "no longer there"


def test_long_lists_of_slices_are_cut():
    assert listed(range(40)) == "slices 0-39"
    assert listed(range(0, 40, 2)).endswith("14 and 12 more")
