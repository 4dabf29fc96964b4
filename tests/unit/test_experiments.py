from pathlib import Path

import pytest

from unet2015.config.experiments import settings_hash, torch_peers
from unet2015.config.overlays import read_overlays
from unet2015.config.validation import complete
from unet2015.errors import InputError

ROOT = Path(__file__).parents[2]
ONNX = {"backend": "onnxruntime"}
PLAIN = {"precision": "float32"}
STAGES = dict.fromkeys(["augmentation", "weights", "network", "training"], "a")


def config(inference, **experiments):
    """Return a complete config with these inference settings and experiments."""
    sections = {stage: {"a": {}, "b": {}} for stage in STAGES}
    unet = {**STAGES, "inference": next(iter(inference))}
    return complete(
        {
            "run": {},
            "datasets": {"isbi2012": {"source": "isbi2012"}},
            **sections,
            "inference": inference,
            "experiments": {"unet": unet, **experiments},
        }
    )


CASES = {
    "no other backend": (
        {"plain": {}, "single": {"test_time_augmentation": "none"}},
        {},
        {},
    ),
    "same averaging": (
        {
            "plain": {},
            "auto": {"test_time_augmentation": "none"},
            "single": {"test_time_augmentation": "none", **PLAIN},
            "fast": {"test_time_augmentation": "none", **ONNX},
            "half": {"test_time_augmentation": "none", "precision": "bfloat16"},
        },
        {name: {"inference": name} for name in ("auto", "fast", "half")},
        dict.fromkeys(["fast", "half"], "single"),
    ),
    "memory and tiles do not matter": (
        {"plain": {"tile": 572, **PLAIN}, "fast": {"memory": 2, **ONNX}},
        {"fast": {"inference": "fast"}},
        {"fast": "plain"},
    ),
    "border matters": (
        {"plain": PLAIN, "zero": {"border": "zero", **ONNX}},
        {"zero": {"inference": "zero"}},
        {},
    ),
    "settings that no experiment uses": ({"plain": {}, "fast": ONNX}, {}, {}),
    "another network": (
        {"plain": {}, "fast": ONNX},
        {"fast": {"inference": "fast", "network": "b"}},
        {},
    ),
    "the reference itself": (
        {"fast": ONNX, "plain": {**PLAIN, "backend": "torch"}},
        {},
        {"fast": "plain"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_peers(case):
    inference, experiments, expected = CASES[case]
    assert torch_peers(config(inference, **experiments)) == expected


def test_benchmark_overlay_compares_both_precisions():
    paths = [ROOT / f"config/{name}.yaml" for name in ("config", "benchmark")]
    completed = complete(read_overlays(paths))
    others = ["single-bfloat16", "onnx"]
    assert torch_peers(completed) == dict.fromkeys(others, "single-float32")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"backend": "openvino"}, "backend is 'openvino', expected one of torch, onnx"),
        (
            {"precision": "int8"},
            "precision is 'int8', expected one of auto, float32, b",
        ),
        (
            {"precision": "bfloat16", **ONNX},
            r"config: inference.x.precision is 'bfloat16', expected 'auto' or "
            "'float32' with backend 'onnxruntime'; choose backend torch",
        ),
    ],
)
def test_impossible_backend_is_refused(settings, message):
    with pytest.raises(InputError, match=message):
        config({"plain": {}, "x": settings})


def hashed(split="fold0", run=(), **changes):
    """Return the hash of the reference's run; changes to sections of the config."""
    base = config({"plain": {}})
    base["run"] |= dict(run)
    for section, settings in changes.items():
        name = next(iter(base[section]))
        base[section][name] = base[section][name] | settings
    return settings_hash(base, "isbi2012", "unet", split)


def test_settings_hash_changes_with_what_is_computed():
    assert hashed() == hashed()
    for change in (
        {"training": {"steps": 7}},
        {"augmentation": {"side": 100}},
        {"inference": {"border": "zero"}},
        {"datasets": {"intensity_range": [0, 9]}},
        {"run": {"folds": 4}},
    ):
        assert hashed(**change) != hashed(), change


def test_settings_hash_knows_nothing_of_paths_seeds_and_new_options():
    for change in (
        {"run": {"seeds": [4]}},
        {"inference": {"backend": "onnxruntime", "memory": 3}},
        {"datasets": {"files": {"train-volume": "a.tif"}}},
    ):
        assert hashed(**change) == hashed(), change
    assert hashed("test", run={"folds": 4}) == hashed("test")
    # A default that the schema had not said before is no other setting.
    base = config({"plain": {}})
    del base["network"]["a"]["affinities"]
    assert settings_hash(base, "isbi2012", "unet", "fold0") == hashed()
