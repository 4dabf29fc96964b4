import copy
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml
from jsonschema import Draft202012Validator
from snakemake.utils import update_config

import document_config
from unet2015.config.experiments import (
    STAGES,
    claims_of,
    differing_in_steps,
    settings_hash,
    settings_of,
)
from unet2015.config.overlays import read_overlays
from unet2015.config.validation import complete, missing_files
from unet2015.errors import InputError
from unet2015.experiments.choices import MARGINS
from unet2015.experiments.rows import read_rows
from unet2015.settings import defaults, of_program, read_schema

ROOT = Path(__file__).parents[2]
SCHEMA = read_schema()
BASE = """
run: {datasets: [mine]}
datasets: {mine: {source: phantom}}
augmentation: {elastic: {side: 256}, rigid: {displacement_std: 0}}
weights: {border: {}, uniform: {w0: 0}}
network: {fast: {padding: same}, tiny: {depth: 1, width: 2}}
training: {fast: {}}
inference: {whole: {}, tiled: {tile: 256}}
experiments:
  unet:
    augmentation: elastic
    weights: border
    network: fast
    training: fast
    inference: whole
  rigid: {augmentation: rigid}
"""


def config_with(text):
    """Overlay the base by YAML, as Snakemake overlays its default config."""
    config = yaml.safe_load(BASE)
    update_config(config, yaml.safe_load(text))
    return config


def test_base_is_valid():
    complete(yaml.safe_load(BASE))


ERRORS = [
    # what the user writes, what the message says
    ("traning: {}", "traning is not a key; did you mean training? known here: augm"),
    ("run: {seed: [0]}", "run.seed is not a key; did you mean seeds? known here"),
    (
        "run: {zzz: 0}",
        "run.zzz is not a key; known here: ",
    ),
    (
        "training: {fast: {learning-rate: 0.1}}",
        "training.fast.learning-rate is not a key; did you mean learning_rate?",
    ),
    (
        "network: {fast: {width: wide}}",
        "network.fast.width is 'wide', expected integer",
    ),
    ("network: {fast: {width: 8.0}}", "is 8.0, expected integer; write 8 (Channels"),
    ("network: {fast: {width: 8.5}}", "is 8.5, expected integer (Channels"),
    ("network: {fast: {width: true}}", "is True, expected integer (Channels"),
    ("training: {fast: {steps: 2e3}}", "is '2e3', expected integer; write 2000 ("),
    (
        "training: {fast: {learning_rate: 1e-3}}",
        "training.fast.learning_rate is '1e-3', expected number; YAML reads an "
        "exponent only after a point: 1.0e-03 (Largest learning rate); correct it",
    ),
    ("training: {fast: {learning_rate: 125e-5}}", "only after a point: 1.25e-03 ("),
    ("training: {fast: {learning_rate: fast}}", "is 'fast', expected number (Larg"),
    ("training: {fast: {learning_rate: .nan}}", "is nan, expected number (Largest"),
    ("datasets: {mine: {nm_per_pixel: .inf}}", "is inf, expected number (Pixel"),
    ("augmentation: {elastic: {flip: 1}}", "is 1, expected boolean (Mirror"),
    ("training: {fast: }", "training.fast is None, expected object"),
    ("run: {seeds: 3}", "run.seeds is 3, expected array (Each seed draws"),
    ("weights: {border: {w0: -1}}", "weights.border.w0 is -1, expected at least 0 ("),
    ("weights: {border: {w0: 1001}}", "w0 is 1001, expected at most 1000 (Largest"),
    ("weights: {border: {sigma: 0}}", "sigma is 0, expected more than 0 (Decay"),
    ("network: {fast: {dropout: 1}}", "dropout is 1, expected less than 1 (Prob"),
    (
        "network: {fast: {padding: zero}}",
        "padding is 'zero', expected one of valid, same (Unpadded",
    ),
    (
        "network: {fast: {affinities: [[0, 1]]}}",
        "network.fast.affinities.0 is [0, 1], expected at least 3 entries",
    ),
    (
        "partition: {cells: {method: mutex-watershed}}\n"
        "experiments: {cells: {partition: cells}}",
        "network.fast.affinities is [], expected an offset of at most 1 px, as "
        "partition.cells joins",
    ),
    (
        "network: {fast: {affinities: [[0, 0, 1]]}}",
        "augmentation.elastic.on_the_fly is false, expected true with "
        "network.fast.affinities: stored samples do not know the cells of whole slices",
    ),
    (
        "network: {fast: {affinities: [[0, 2, -1], [0, -2, 1]]}}",
        "network.fast.affinities has the offsets ((0, 2, -1), (0, -2, 1)), expected",
    ),
    (
        "network: {fast: {affinities: [[0, 0, 0]]}}",
        "network.fast.affinities has the offsets ((0, 0, 0),), expected none that is z",
    ),
    (
        "network: {fast: {affinities: [[0, 9, -256]]}}\n"
        "augmentation: {elastic: {on_the_fly: true}}",
        "network.fast.affinities reaches 256 px, expected less than "
        "augmentation.elastic.side, 256 px",
    ),
    (
        "network: {fast: {affinities: [[1, 0, 0]]}}\n"
        "augmentation: {elastic: {on_the_fly: true}}",
        "augmentation.elastic.neighbours is 0, expected at least 1 with "
        "network.fast.affinities between slices",
    ),
    (
        "network: {fast: {affinities: [[2, 0, 0]]}}",
        "network.fast.affinities.0.0 is 2, expected at most 1",
    ),
    ("training: {fast: {dice_loss: -1}}", "dice_loss is -1, expected at least 0"),
    ("run: {seeds: []}", "run.seeds is [], expected at least 1 entries"),
    ("run: {seeds: [1, 1]}", "run.seeds is [1, 1], expected every entry once"),
    ("run: {seeds: [-1]}", "run.seeds.0 is -1, expected at least 0"),
    ("run: {splits: [fold]}", "run.splits.0 is 'fold', expected the form ^(test|fold"),
    ("network: {Fast_1: {}}", "network is 'Fast_1', expected the form ^[a-z0-9]+"),
    ("datasets: {mine: {}, yours: {}}", "datasets.yours lacks source; add it"),
    ("run: {datasets: [yours]}", "run.datasets names 'yours', which is not defined"),
    (
        "run: {splits: [fold5]}",
        "run.splits names 'fold5', which is not defined; choose one of fold0, fold1",
    ),
    (
        "run: {splits: [test, fold0]}",
        "run.splits names test, expected fold0, fold1, ...: what is chosen by the test "
        "stack cannot be tested on it; set run.allow_test_split",
    ),
    (
        "run: {curve: [{inference: mirrored}]}",
        "run.curve names 'mirrored', which is not defined",
    ),
    (
        "run: {curve: [{weight_average: true}]}\ntraining: {fast: {weight_average: 0}}",
        "run.curve asks for weight_average, which is 0 in training.fast, expected more",
    ),
    (
        "run: {splits: [fold0]}\nexperiments: {rigid: {claim: {sentence: a, endpoint: "
        "v_rand, margin: 1, against: rigid}}}",
        "experiments.rigid.claim.against names 'rigid', expected another experiment: "
        "one of unet; correct it",
    ),
    (
        "experiments: {rigid: {against: nothing}}",
        "experiments.rigid.against names 'nothing', expected another experiment: one "
        "of unet; correct it",
    ),
    (
        "run: {splits: [fold0], seeds: [0, 2]}\n"
        "experiments: {rigid: {claim: {sentence: a, endpoint: v_rand, margin: 1}}}",
        "run.seeds is [0, 2], expected 0, 1, 2, ... where experiments have a claim",
    ),
    (
        "experiments: {rigid: {claim: {sentence: a, endpoint: v_rand, margin: 1}}}",
        "run.splits names fold0, fold1, fold2, fold3, fold4, expected one split where",
    ),
    (
        "experiments: {rigid: {claim: {sentence: a, endpoint: v_rand}}}",
        "experiments.rigid.claim lacks margin; add it",
    ),
    (
        "experiments: {rigid: {weights: bordr}}",
        "experiments.rigid.weights names 'bordr', which is not defined; "
        "choose one of border, uniform or define it",
    ),
    (
        "datasets: {mine: {source: files, files: {train-volume: 'a{x}.tif', "
        "train-labels: b, test-volume: c}}}",
        "datasets.mine.files.train-volume is 'a{x}.tif', expected no braces, which "
        "Snakemake takes for wildcards; rename",
    ),
    (
        "datasets: {mine: {interior: white}}",
        "datasets.mine.interior is 'white', expected one of bright, dark, guess",
    ),
    (
        "datasets: {mine: {intensity_range: [0, 1, 2]}}",
        "datasets.mine.intensity_range is [0, 1, 2], expected at most 2 entries",
    ),
    (
        "datasets: {mine: {intensity_range: [0, .nan]}}",
        "datasets.mine.intensity_range.1 is nan, expected number",
    ),
    (
        "datasets: {mine: {intensity_range: [4000, 0]}}",
        "config: datasets.mine.intensity_range is 4000 to 0, expected two numbers, the "
        "lower first; state which",
    ),
    (
        "datasets: {mine: {source: files}}",
        "datasets.mine has source 'files' but no key files; give the paths",
    ),
    (
        "datasets: {mine: {source: files, files: {train-volume: a}}}",
        "datasets.mine.files lacks test-volume, train-labels; add it",
    ),
    (
        "augmentation: {elastic: {side: 250}}",
        "augmentation.elastic.side does not fit network.fast: the network cannot map "
        "a side of 250 px; sides are 16 + 16·k px, the nearest are 240 and 256",
    ),
    (
        "experiments: {rigid: {network: tiny, augmentation: rigid}}\n"
        "augmentation: {rigid: {side: 17}}",
        "augmentation.rigid.side does not fit network.tiny",
    ),
    (
        "inference: {tiled: {tile: 239}}\nexperiments: {rigid: {inference: tiled}}",
        "inference.tiled.tile is 239, expected 0 or at least 240 px for network.fast",
    ),
    (
        "inference: {whole: {memory: 0.3}}",
        "inference.whole.memory is 0.3 GB, expected 0 (no bound) or at least 0.55 GB "
        "for network.fast",
    ),
]


@pytest.mark.parametrize(("text", "message"), ERRORS)
def test_error_names_key_bound_and_cure(text, message):
    with pytest.raises(InputError) as error:
        complete(config_with(text))
    assert message in str(error.value)
    assert str(error.value).startswith("config: ")


RENAMED = {
    "augmentation.elastic.online": "on_the_fly",
    "augmentation.elastic.std": "displacement_std",
    "augmentation.elastic.gain": "contrast",
    "augmentation.elastic.offset": "brightness",
    "network.fast.stem": "space_to_depth",
    "training.fast.clip": "max_grad_norm",
    "training.fast.average": "weight_average",
    "inference.whole.average": "test_time_augmentation",
}


@pytest.mark.parametrize("old", RENAMED)
def test_old_name_of_a_key_is_refused_with_the_new_one(old):
    section, name, key = old.split(".")
    config = config_with(f"{section}: {{{name}: {{{key}: 1}}}}")
    with pytest.raises(InputError) as error:
        complete(config)
    message = f"config: {old} is now called {RENAMED[old]}; rename it (see config/"
    assert str(error.value).startswith(message)


def test_of_several_errors_the_first_by_key_is_shown():
    text = (
        "weights: {border: {w0: -1, sigma: 0}}\nnetwork: {fast: {width: 0, depth: 0}}"
    )
    with pytest.raises(InputError, match=r"network\.fast\.depth is 0"):
        complete(config_with(text))


def test_tile_of_the_least_size_passes():
    text = "inference: {tiled: {tile: 240}}\nexperiments: {rigid: {inference: tiled}}"
    complete(config_with(text))


@pytest.mark.parametrize("memory", [0, 0.55])
def test_bound_on_the_memory_that_the_least_tile_keeps_passes(memory):
    complete(config_with(f"inference: {{whole: {{memory: {memory}}}}}"))


@pytest.mark.parametrize("stage", [s for s in STAGES if s != "partition"])
def test_reference_experiment_must_be_complete(stage):
    config = yaml.safe_load(BASE)
    del config["experiments"]["unet"][stage]
    with pytest.raises(
        InputError,
        match=f"experiments.unet lacks {stage}; the reference experiment must",
    ):
        complete(config)


def test_predictions_are_left_as_they_are_unless_a_partition_is_named():
    config = complete(config_with("partition: {cells: {method: mutex-watershed}}"))
    assert settings_of(config, "unet")["partition"]["method"] == "none"
    assert settings_of(config, "rigid")["partition"]["method"] == "none"


@pytest.mark.parametrize("section", ["datasets", "training", "experiments"])
def test_section_must_be_there(section):
    config = yaml.safe_load(BASE)
    del config[section]
    with pytest.raises(InputError, match=f"lacks {section}; add it"):
        complete(config)


def test_defaults_are_filled_in_at_every_level():
    config = complete(yaml.safe_load(BASE))
    assert config["run"]["seeds"] == [0]
    assert config["datasets"]["mine"]["phantom"] == {
        "seed": 0,
        "slices": 10,
        "side": 256,
        "contrast": 1,
        "noise": 0,
    }
    for stage in STAGES:
        keys = SCHEMA["properties"][stage]["additionalProperties"]["properties"]
        for settings in config[stage].values():
            assert set(settings) == set(keys)
    assert (
        config["augmentation"]["rigid"]["displacement_std"] == 0
    )  # what is given stays


def test_the_given_config_and_the_schema_stay_as_they_are():
    config, schema = yaml.safe_load(BASE), copy.deepcopy(SCHEMA)
    complete(config)["run"]["seeds"].append(1)
    assert config == yaml.safe_load(BASE)
    assert schema == SCHEMA


def test_experiments_inherit_from_the_reference():
    config = complete(yaml.safe_load(BASE))
    first, second = config["experiments"].values()
    assert second == {**first, "augmentation": "rigid"}
    assert list(config["experiments"]) == ["unet", "rigid"]


def test_claims_belong_to_their_experiment_alone():
    text = """
    experiments:
      rigid: {claim: {sentence: border, endpoint: v_rand, margin: 0.002}}
    run: {splits: [fold0]}
    """
    config = complete(config_with(text))
    assert claims_of(config) == [
        {
            "arm": "rigid",
            "against": "unet",
            "sentence": "border",
            "section": "",
            "endpoint": "v_rand",
            "margin": 0.002,
            "primary": True,
            "retrained": True,
        }
    ]
    assert "claim" not in complete(yaml.safe_load(BASE))["experiments"]["rigid"]
    extra = {"other": {"weights": "uniform"}}
    update_config(config, {"experiments": extra})
    assert "claim" not in complete(config)["experiments"]["other"]


def test_settings_inherit_from_those_of_the_reference():
    config = complete(
        config_with("""
    weights: {border: {w0: 3, class_balance: false}, wide: {sigma: 10}}
    training: {fast: {optimiser: muon, batch: 2}, longer: {steps: 8000}}
    """)
    )
    weights, training = config["weights"], config["training"]
    assert weights["border"] == {"w0": 3, "sigma": 5, "class_balance": False}
    assert weights["wide"] == {"w0": 3, "sigma": 10, "class_balance": False}
    assert weights["uniform"] == {"w0": 0, "sigma": 5, "class_balance": False}
    usual = defaults("training") | {"initial": "none"}
    assert training["fast"] == {**usual, "optimiser": "muon", "batch": 2}
    assert training["longer"] == {**training["fast"], "steps": 8000}


def test_settings_inherit_from_the_reference_that_the_last_file_chooses():
    config = config_with("weights: {border: {w0: 3, sigma: 4}, wide: {sigma: 10}}")
    update_config(config, {"experiments": {"unet": {"weights": "wide"}}})
    weights = complete(config)["weights"]
    assert weights["wide"] == {"w0": 10, "sigma": 10, "class_balance": True}
    assert weights["border"] == {"w0": 3, "sigma": 4, "class_balance": True}
    assert weights["uniform"] == {"w0": 0, "sigma": 10, "class_balance": True}
    config["run"]["reference"] = "rigid"
    config["experiments"]["rigid"] = config["experiments"]["unet"] | {
        "weights": "uniform"
    }
    assert complete(config)["weights"]["wide"]["w0"] == 0


def test_reference_that_states_nothing_is_the_papers():
    config = complete(
        config_with("""
    network: {fast: {padding: valid}}
    augmentation: {elastic: {side: 572}}
    """)
    )
    for stage in STAGES:
        settings = settings_of(config, "unet")[stage]
        assert of_program(settings, stage) == defaults(stage)


def test_settings_of_an_experiment():
    config = complete(yaml.safe_load(BASE))
    settings = settings_of(config, "rigid")
    assert set(settings) == set(STAGES)
    assert settings["augmentation"] == config["augmentation"]["rigid"]
    assert settings["weights"] == config["weights"]["border"]


def test_experiments_that_only_train_longer_are_found():
    config = config_with("""
    training: {long: {steps: 4000}, short: {steps: 500}, sgd: {steps: 9, momentum: 0}}
    experiments:
      short: {training: short}
      long: {training: long}
      again: {training: long}
      sgd: {training: sgd}
      both: {training: short, weights: uniform}
    """)
    config = complete(config)
    assert differing_in_steps(config) == ["unet", "again", "short"]
    copied = copy.deepcopy(config)
    assert differing_in_steps(complete(yaml.safe_load(BASE))) == ["unet"]
    assert config == copied


@pytest.mark.parametrize(
    "path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda path: path.name
)
def test_shipped_config_is_valid(path):
    shipped(path.stem)


def test_schema_itself_is_valid():
    Draft202012Validator.check_schema(SCHEMA)


def keys_of(schema, path=()):
    """Yield the path and the schema of every key, at every level."""
    for key, part in schema.get("properties", {}).items():
        yield (*path, key), part, key in schema.get("required", [])
        yield from keys_of(part, (*path, key))
        if isinstance(part.get("additionalProperties"), dict):
            yield from keys_of(part["additionalProperties"], (*path, key, "*"))


KEYS = {".".join(path): (part, required) for path, part, required in keys_of(SCHEMA)}
OPTIONAL = ("experiments.*.", "datasets.*.files", "datasets.*.nm_per_", "predict.")
OPTIONAL += ("datasets.*.intensity_range", "export.")
"""Keys whose absence means something else than a value."""


def test_every_key_has_a_meaning_and_a_default():
    for key, (part, required) in KEYS.items():
        assert part["description"].strip().endswith("."), key
        assert "default" in part or required or key.startswith(OPTIONAL), key
        if "default" in part:
            Draft202012Validator(part).validate(part["default"])


def test_unknown_keys_are_refused_everywhere():
    for key, (part, _) in KEYS.items():
        if part["type"] == "object":
            assert part.get("additionalProperties", True) is not True, key


def test_reference_is_what_the_schema_says():
    written = (ROOT / "config/README.md").read_text(encoding="utf-8")
    preset = settings_of(shipped(), "unet")
    assert document_config.document(SCHEMA, preset) == written, (
        "run `python scripts/document_config.py`"
    )


def test_reference_explains_every_key():
    written = (ROOT / "config/README.md").read_text(encoding="utf-8")
    for key, (part, _) in KEYS.items():
        if "." in key and part["type"] != "object":
            assert f"| `{key.replace('*', '<name>')}` |" in written


@pytest.mark.parametrize("name", ["demo", "paper"])
def test_shipped_ablations_differ_from_the_reference_in_one_stage(name):
    config = shipped(name)
    reference, *others = (settings_of(config, e) for e in config["experiments"])
    for other in others:
        assert sum(other[stage] != reference[stage] for stage in STAGES) == 1
    rigid = settings_of(config, "no-elastic")["augmentation"]
    assert rigid == {**reference["augmentation"], "displacement_std": 0}


def differing(name, reference):
    """Return the keys in which an experiment's settings differ."""
    return {
        f"{stage}.{key}"
        for stage, settings in name.items()
        for key in settings
        if settings[key] != reference[stage][key]
    }


def shipped(*names):
    """Return the default config with overlays of config/."""
    paths = [ROOT / f"config/{name}.yaml" for name in ("config", *names)]
    return complete(read_overlays(paths))


NEGLIGIBLE = {"augmentation.on_the_fly", "augmentation.samples"}
"""Where samples are made and how many; both leave each sample as it is."""


ARITHMETIC = {"training.precision", "inference.precision"}
"""What computes in bfloat16 where the setting says so."""


@pytest.mark.parametrize("than", ["4,000 steps", "the best"])
def test_the_default_preset_is_the_shortest_within_the_margins(than):
    rows = read_rows(ROOT / "docs/data/ladder.csv")
    means = rows.groupby("steps")[list(MARGINS)].mean()
    best = means.agg({"pixel_error": "min", "v_info": "max"})
    worse = means - (means.loc[4000] if than == "4,000 steps" else best)
    worse["v_info"] *= -1
    within = means.index[(worse <= pd.Series(MARGINS)).all(axis=1)]
    assert settings_of(shipped(), "unet")["training"]["steps"] == within.min()


def test_the_default_preset_is_the_one_that_no_neighbour_beat():
    chosen = settings_of(shipped("neighbours"), "unet")
    changed = differing(settings_of(shipped(), "unet"), chosen)
    assert changed == {"augmentation.on_the_fly"} | ARITHMETIC


def test_the_reference_of_the_claims_is_a_shorter_default_preset():
    default = settings_of(shipped(), "unet")
    changed = differing(settings_of(shipped("claims"), "unet"), default)
    assert changed - NEGLIGIBLE == {"training.steps"} | ARITHMETIC


NO_AUGMENTATION = {f"augmentation.{key}" for key in (
    "rotate", "flip", "scale", "displacement_std", "contrast", "brightness", "noise"
)}  # fmt: skip
ARMS = {
    "no-border-weight": {"weights.w0"},
    "six-slices-no-elastic": {"augmentation.displacement_std"},
    "six-slices-no-augmentation": NO_AUGMENTATION,
    "no-skip": {"network.skip"},
    "zero-border": {"inference.border"},
    "single-view": {"inference.test_time_augmentation"},
    "small-tiles": {"augmentation.side", "training.batch"},
    "all-slices-no-elastic": {"augmentation.displacement_std"},
    "all-slices-no-augmentation": NO_AUGMENTATION,
    "three-slices-no-elastic": {"augmentation.displacement_std"},
    "three-slices-no-augmentation": NO_AUGMENTATION,
}


def test_a_claim_is_tested_by_doing_without_what_it_speaks_of():
    config = shipped("claims")
    found = {}
    for claim in claims_of(config):
        arm, against = (settings_of(config, claim[key]) for key in ("arm", "against"))
        found[claim["arm"]] = differing(arm, against) - NEGLIGIBLE
    assert found == ARMS


def test_two_of_the_claims_are_decided_by_predictions_alone():
    claims = claims_of(shipped("claims"))
    assert [c["arm"] for c in claims if not c["retrained"]] == [
        "zero-border",
        "single-view",
    ]


def test_references_of_the_claims_differ_in_what_they_are_for():
    config = shipped("claims")
    base = settings_of(config, "unet")
    expected = {
        "six-slices": {"augmentation.slices"},
        "three-slices": {"augmentation.slices"},
        "seven-rotations": {"inference.test_time_augmentation"},
        "large-tiles": {"network.norm"},
    }
    found = {name: differing(settings_of(config, name), base) for name in expected}
    assert found == expected


def test_all_arms_of_the_claims_have_one_arithmetic_and_as_many_pixels():
    config = shipped("claims")
    settings = [settings_of(config, name) for name in config["experiments"]]
    parts = [s[part] for s in settings for part in ("training", "inference")]
    precisions = {part["precision"] for part in parts}
    assert precisions == {"bfloat16"}
    pixels = {
        s["training"]["steps"] * s["training"]["batch"] * s["augmentation"]["side"] ** 2
        for s in settings
    }
    assert len(pixels) == 1


def test_seven_primary_claims_have_the_endpoints_and_margins_of_the_design():
    claims = [c for c in claims_of(shipped("claims")) if c["primary"]]
    found = {c["arm"]: (c["section"], c["endpoint"], c["margin"]) for c in claims}
    assert found == {
        "no-border-weight": ("3", "v_rand", 0.002),
        "six-slices-no-elastic": ("3.1", "v_info", 0.001),
        "six-slices-no-augmentation": ("3.1", "v_info", 0.001),
        "no-skip": ("1", "pixel_error", 0.0005),
        "zero-border": ("2", "border_pixel_error", 0.0005),
        "single-view": ("4", "warping_error", 0.00003),
        "small-tiles": ("3", "v_info", 0.001),
    }


@pytest.mark.parametrize(
    ("config", "other", "name"),
    [
        ("neighbours", "ladder", "steps-2800"),
        ("partition_choices", "neighbours", "one-scale"),
    ],
)
def test_choices_begin_with_runs_that_were_made_for_others(config, other, name):
    runs = [(config, "unet"), (other, name)]
    found = [settings_hash(shipped(c), "isbi2012", e, "fold0") for c, e in runs]
    assert found[0] == found[1]
    ours, theirs = (read_rows(ROOT / f"docs/data/{c}.csv") for c in (config, other))
    ours = ours[ours["experiment"] == "unet"]
    theirs = theirs[theirs["experiment"] == name]
    theirs = theirs[theirs["seed"].isin(ours["seed"])]
    theirs = theirs.assign(experiment="unet").sort_values(["seed", "split"])
    assert ours.to_dict("records") == theirs.to_dict("records")


STRENGTHS = {
    f"augmentation.{key}"
    for key in ("scale", "displacement_std", "contrast", "brightness", "noise")
}
NEIGHBOURS = {
    "width-24": {"network.width"},
    "width-48": {"network.width"},
    "coarse-input": {"network.space_to_depth"},
    "depth-2": {"network.depth"},
    "batch-1": {"training.batch", "training.steps"},
    "batch-4": {"training.batch", "training.steps"},
    "side-176": {"augmentation.side", "training.batch"},
    "side-352": {"augmentation.side", "training.batch"},
    "half-strength": STRENGTHS,
    "more-strength": STRENGTHS,
    "average-98": {"training.weight_average"},
    "average-995": {"training.weight_average"},
    "rate-3e-3": {"training.learning_rate"},
    "rate-12e-3": {"training.learning_rate"},
    "adamw": {"training.optimiser", "training.learning_rate"},
    "one-slice": {"augmentation.neighbours"},
    "no-border-weight": {"weights.w0"},
    "one-scale": {"inference.test_time_augmentation"},
}


def test_a_neighbour_differs_in_one_value_and_sees_about_as_many_pixels():
    config = shipped("neighbours")
    found = {name: settings_of(config, name) for name in config["experiments"]}
    base = found.pop("unet")
    differences = {name: differing(s, base) - NEGLIGIBLE for name, s in found.items()}
    assert differences == NEIGHBOURS
    pixels = [
        s["training"]["steps"] * s["training"]["batch"] * s["augmentation"]["side"] ** 2
        for s in (base, *found.values())
    ]
    assert min(pixels) > 0.94 * max(pixels)


OVERLAYS = [
    "demo",
    "paper",
    "benchmark",
    "precision",
    "claims",
    "ladder",
    "neighbours",
    "partitioning",
    "partition_choices",
]


def used(config):
    """Return the settings that experiments use, by stage and name."""
    experiments = config["experiments"].values()
    return {(s, e[s]): config[s][e[s]] for e in experiments for s in STAGES}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_overlays_leave_the_default_settings_alone(overlay):
    # Else their results would replace those of the default under the same names.
    default, other = used(shipped()), used(shipped(overlay))
    common = default.keys() & other.keys()
    assert {name: other[name] for name in common} == {n: default[n] for n in common}


EXAMPLES = {
    ("docs/own-stacks.md", "continued"): {
        "training.initial": (
            "none",
            "results/isbi2012/models/test/elastic_border-3_fast_fast/seed0/"
            "model.safetensors",
        )
    },
    ("docs/method.md", "affinities"): {
        "augmentation.on_the_fly": (False, True),
        "network.affinities": (
            [],
            [[0, 0, 1], [0, 1, 0], [0, 0, 9], [0, 9, 0], [1, 0, 0]],
        ),
    },
    ("README.md", "wide-borders"): {"weights.sigma": (5, 10)},
    ("config/README.md", "wide-borders"): {"weights.sigma": (5, 10)},
    ("config/README.md", "one-view"): {
        "inference.test_time_augmentation": ("scales", "none")
    },
    ("docs/claims.md", "one-view"): {
        "inference.test_time_augmentation": ("scales", "none")
    },
}
"""In what each experiment of an example differs from the reference."""


def examples():
    """Yield the page and the content of every example of a config."""
    for path in (
        ROOT / "README.md",
        ROOT / "config/README.md",
        *ROOT.glob("docs/*.md"),
    ):
        page = str(path.relative_to(ROOT))
        text = path.read_text(encoding="utf-8")
        for block in re.findall(r"^```yaml\n(.*?)^```", text, re.M | re.S):
            yield page, yaml.safe_load(block)


def test_examples_change_what_they_say_and_nothing_else():
    found = {}
    for page, example in examples():
        config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
        update_config(config, copy.deepcopy(example))
        config = complete(config)
        base = settings_of(config, config["run"]["reference"])
        assert base == settings_of(shipped(), "unet")
        for name in example.get("experiments", {}):
            settings = settings_of(config, name)
            found[page, name] = {
                f"{stage}.{key}": (base[stage][key], value)
                for stage in STAGES
                for key, value in settings[stage].items()
                if value != base[stage][key]
            }
    assert found == EXAMPLES


def test_an_example_names_your_own_stacks():
    datasets = [example.get("datasets", {}) for _, example in examples()]
    assert {"cortex"} in map(set, datasets)


def test_overlay_alone_says_which_file_was_not_loaded():
    overlay = yaml.safe_load((ROOT / "config/demo.yaml").read_text())
    with pytest.raises(InputError, match=r"or give config/config\.yaml as well,"):
        complete(overlay)


def test_precisions_are_compared_in_a_shorter_default_preset():
    config, default = shipped("precision"), settings_of(shipped(), "unet")
    reference, other = (settings_of(config, name) for name in config["experiments"])
    assert differing(reference, default) == {"training.steps"} | ARITHMETIC
    assert differing(other, reference) == ARITHMETIC


FILES = """
datasets:
  mine:
    source: files
    files: {train-volume: ~/a.tif, train-labels: b.tif, test-volume: /dev/null}
"""


def test_paths_of_files_may_begin_with_the_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path / "lab"))
    monkeypatch.chdir(tmp_path)
    config = complete(config_with(FILES))
    dataset = config["datasets"]["mine"]
    home = f"{tmp_path}/lab/a.tif"
    files = {"train-volume": home, "train-labels": "b.tif", "test-volume": "/dev/null"}
    assert dataset["files"] == files
    assert dataset["interior"] == "guess"
    lines = [
        f"datasets.mine.files.train-volume: {home} does not exist; relative paths "
        f"start from {tmp_path}",
        f"datasets.mine.files.train-labels: b.tif does not exist; relative paths "
        f"start from {tmp_path}",
    ]
    assert missing_files(config) == lines


def test_only_files_of_datasets_to_run_are_missed():
    config = config_with(FILES)
    config["datasets"]["other"] = {"source": "phantom"}
    config["run"]["datasets"] = ["other"]
    assert missing_files(complete(config)) == []
