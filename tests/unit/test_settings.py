import json
import math

import pytest

from unet2015.config.experiments import STAGES
from unet2015.errors import InputError
from unet2015.settings import defaults, read_json, read_settings


def test_object_is_read(tmp_path):
    (tmp_path / "a.json").write_text('{"border": "σ"}', encoding="utf-8")
    assert read_json(tmp_path / "a.json") == {"border": "σ"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "a.json cannot be read as JSON"),
        (b"", "a.json cannot be read as JSON"),
        (b'{"a": 1', "a.json cannot be read as JSON"),
        (b"\xff\xfe{}", "a.json cannot be read as JSON"),
        (b"[1]", "a.json holds list, expected an object"),
        (b"3", "a.json holds int, expected an object"),
    ],
)
def test_anything_else_is_refused(tmp_path, content, message):
    if content is not None:
        (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_json(tmp_path / "a.json")


@pytest.mark.parametrize("stage", [*STAGES, "phantom"])
def test_settings_of_every_stage_are_read(tmp_path, stage):
    (tmp_path / "a.json").write_text(json.dumps(defaults(stage)))
    assert read_settings(tmp_path / "a.json", stage) == defaults(stage)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bath": 2}, r"bath is not a key; did you mean batch\? known here: "),
        ({"clip": 1}, "clip is now called max_grad_norm; rename it"),
        ({"batch": "two"}, "batch is 'two', expected integer .*; correct it"),
        ({"batch": 2.0}, "batch is 2.0, expected integer; write 2 "),
        ({"batch": 0}, "batch is 0, expected at least 1 .*; correct it"),
        ({"momentum": 1}, "momentum is 1, expected less than 1 .*; correct it"),
        ({"optimiser": "adam"}, "is 'adam', expected one of sgd, adamw, muon .*; corr"),
        ({"warmup": math.nan}, "warmup is nan, expected number .*; correct it"),
    ],
)
def test_error_names_file_key_bound_and_cure(tmp_path, changes, message):
    (tmp_path / "a.json").write_text(json.dumps(defaults("training") | changes))
    with pytest.raises(InputError, match=r"^\S*a\.json: .*" + message):
        read_settings(tmp_path / "a.json", "training")


@pytest.mark.parametrize("stage", [*STAGES, "phantom"])
def test_no_key_may_be_missing(tmp_path, stage):
    for key in defaults(stage):
        settings = {k: v for k, v in defaults(stage).items() if k != key}
        (tmp_path / "a.json").write_text(json.dumps(settings))
        with pytest.raises(InputError, match=rf"a\.json: lacks {key}; add it"):
            read_settings(tmp_path / "a.json", stage)
