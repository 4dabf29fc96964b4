import json
from pathlib import Path

import pytest
import yaml

import settings as program
from unet2015.errors import InputError
from unet2015.settings import KEYS, read_json

SCHEMA = Path(__file__).parents[2] / "workflow/schemas/config.schema.yaml"
TYPES = {int: "integer", float: "number", bool: "boolean", str: "string"}
TYPES |= {list: "array"}


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


def write(monkeypatch, path, text):
    options = [f"--settings={text}", f"--output={path}"]
    monkeypatch.setattr("sys.argv", ["settings.py", *options])
    program.main()


def test_file_does_not_depend_on_the_layout(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write(monkeypatch, path, '{"w0": 10.0, "sigma": 5}')
    first = path.read_bytes()
    write(monkeypatch, path, ' {"sigma":5,\n"w0":10.0}')
    assert path.read_bytes() == first
    assert json.loads(first) == {"w0": 10.0, "sigma": 5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{w0: 10}", "--settings is no JSON"),
        ("[10, 5]", r"--settings is \[10, 5\], expected a JSON object"),
        ("null", "--settings is null, expected a JSON object"),
    ],
)
def test_settings_that_are_no_object_are_refused(tmp_path, monkeypatch, text, message):
    with pytest.raises(InputError, match=message):
        write(monkeypatch, tmp_path / "a.json", text)
    assert not list(tmp_path.iterdir())


def section(stage):
    """Return the schema's keys of a stage."""
    parts = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))["properties"]
    if stage == "phantom":
        return parts["datasets"]["additionalProperties"]["properties"]["phantom"]
    return parts[stage]["additionalProperties"]


@pytest.mark.parametrize(
    ("stage", "key"), [(stage, key) for stage in KEYS for key in KEYS[stage]]
)
def test_programs_ask_for_what_the_schema_allows(stage, key):
    kind, least = KEYS[stage][key]
    described = section(stage)["properties"][key]
    assert described["type"] == TYPES[kind]
    if least is not None and kind in (int, float):
        bound = described.get("minimum", described.get("exclusiveMinimum"))
        assert least <= bound
