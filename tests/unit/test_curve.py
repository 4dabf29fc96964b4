"""Points along trainings: rows, table and figure."""

import json
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from training_files import call

import table_curve
from unet2015.errors import InputError
from unet2015.experiments.paper_results import PAPER_ROWS, TABLE_METRICS
from unet2015.experiments.snapshots import COLUMNS, joined, point, read_points
from unet2015.figures.score_curves import NOTHING, draw_score_curves
from unet2015.figures.style import OKABE_ITO

ROOT = Path(__file__).parents[2]
KNOWN = ROOT / "docs/data/paper_curve.csv"
RECORD = {
    "device": "AMD EPYC, 2 threads",
    "precision": "bfloat16",
    "torch": "2.13.0+cpu",
    "commit": "0123456789",
    "seed": 0,
    "steps": 300,
    "pixels": 45_000_000,
    "seconds": 480.0,
}
VALUES = {"warping_error": 0.002, "rand_error": 0.3, "pixel_error": 0.11}
VALUES |= {"v_rand": 0.74, "v_info": 0.85}


@pytest.fixture
def described(tmp_path):
    """Write the files of a snapshot; return what the table is told of it."""

    def write(values=VALUES, **changes):
        number = len(list(tmp_path.iterdir()))
        record, scores = (tmp_path / f"{n}{number}.json" for n in ("run", "scores"))
        record.write_text(json.dumps(RECORD | changes))
        found = {
            n: {"value": v, "threshold": 0.30000000000000004} for n, v in values.items()
        }
        scores.write_text(json.dumps(found))
        return {
            "training": "paper",
            "weight_average": False,
            "inference": "paper",
            "record": str(record),
            "scores": str(scores),
        }

    return write


def table(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


def test_a_point_tells_when_where_and_how_well(described):
    row = point(described())
    assert list(row) == COLUMNS
    assert (row["step"], row["seconds"], row["pixels"]) == (300, 480.0, 45_000_000)
    assert (row["device"], row["commit"]) == ("AMD EPYC, 2 threads", "0123456789")
    assert row["v_rand"] == 0.74
    assert row["v_rand_threshold"] == 0.3


def test_a_record_without_pixels_is_refused(described):
    files = described()
    Path(files["record"]).write_text(json.dumps({"steps": 3}))
    with pytest.raises(InputError, match=r"lack .*; train and evaluate again"):
        point(files)


def test_unknown_labels_give_no_point(described):
    assert point(described(dict.fromkeys(VALUES))) is None


def test_a_snapshot_that_was_scored_again_replaces_its_row(described):
    old, new = point(described()), point(described({**VALUES, "v_rand": 0.75}))
    later = point(described(steps=1000))
    found = joined([table(later, old), table(new)])
    assert found["step"].tolist() == [300, 1000]
    assert found["v_rand"].tolist() == [0.75, 0.74]


def test_rows_survive_writing_and_reading(described, tmp_path):
    rows = [point(described()), {**point(described()), "weight_average": True}]
    path = tmp_path / "curve.csv"
    table(*rows).to_csv(path, index=False)
    pd.testing.assert_frame_equal(read_points(path), table(*rows))


@pytest.mark.parametrize("text", ["a,b\n1,2\n", f"{','.join(COLUMNS)}\n{',' * 20}\n"])
def test_another_table_is_refused(tmp_path, text):
    path = tmp_path / "curve.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=r"is no table of a curve.*table_curve.py"):
        read_points(path)


def test_figure_has_every_series_and_the_papers_scores(described):
    rows = [point(described(steps=step, pixels=step, seconds=step)) for step in (1, 2)]
    averaged = [{**row, "weight_average": True} for row in rows]
    figure = draw_score_curves(table(*rows, *averaged), "isbi2012")
    assert len(figure.axes) == 15
    for axes, metric in zip(figure.axes, [*TABLE_METRICS] * 3, strict=True):
        first, second, paper = axes.lines
        assert to_hex(first.get_color()).upper() == OKABE_ITO["blue"]
        assert first.get_ydata().tolist() == [VALUES[metric.name]] * 2
        assert first.get_color() != second.get_color()
        assert paper.get_ydata()[0] == PAPER_ROWS["u-net"][metric.name]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "training paper, inference paper",
        "training paper, inference paper, average of weights",
        "the paper's score",
    ]


def test_other_data_are_not_measured_by_the_paper(described):
    figure = draw_score_curves(table(point(described())), "phantom")
    assert all(len(axes.lines) == 1 for axes in figure.axes)


def test_figure_without_points_says_so():
    (axes,) = draw_score_curves(table(), "isbi2012").axes
    assert axes.texts[0].get_text() == NOTHING


@pytest.mark.slow
def test_committed_rows_make_the_committed_table_and_figure(tmp_path):
    csv, markdown, figure = (tmp_path / f"curve.{end}" for end in ("csv", "md", "png"))
    files = {"known": KNOWN, "csv": csv, "markdown": markdown, "output": figure}
    call(table_curve, files, "--dataset=isbi2012")
    assert csv.read_text() == KNOWN.read_text()
    assert markdown.read_text() in (ROOT / "docs/paper.md").read_text()
    assert figure.read_bytes() == (ROOT / "docs/images/paper_curve.png").read_bytes()
