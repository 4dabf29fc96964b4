"""What surrounds a program: its folder, its clock, its language, other processes."""

import csv
import fcntl
import os
import signal
import subprocess
import sys

import pytest

from faults.stages import (
    ROOT,
    Zygote,
    commands,
    copy,
    make_inputs,
    options,
    results,
    run_all,
)


def test_same_input_gives_the_same_bytes_on_one_thread(zygote, undisturbed, tmp_path):
    make_inputs(tmp_path / "again")
    run_all(zygote, tmp_path / "again")
    assert results(tmp_path / "again") == results(undisturbed)


def test_same_input_gives_the_same_bytes_on_two_threads(zygote, undisturbed, tmp_path):
    found = []
    for name in ("first", "second"):
        folder = copy(undisturbed, tmp_path / name)
        for stage, (given, made) in commands().items():
            if stage in ("augment", "weight_maps", "predict", "evaluate"):
                for path in made.values():
                    (folder / path).unlink()
                last = ["--threads=2"]
                end = zygote.run(folder, stage, *given, *options(**made), *last)
                assert end.status == 0, end.messages
        found.append(results(folder))
    assert found[0] == found[1]


@pytest.mark.parametrize("stage", ["augment", "train", "predict", "evaluate"])
def test_clock_that_falls_back_changes_nothing(zygote, undisturbed, tmp_path, stage):
    folder = copy(undisturbed, tmp_path / "work")
    given, made = commands()[stage]
    end = zygote.run(folder, stage, *given, *options(**made), jump=True)
    assert end.status == 0, end.messages
    assert results(folder) == results(undisturbed)
    with (folder / "history.csv").open() as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    assert seconds == sorted(seconds)
    assert 0 <= seconds[0] <= seconds[-1] < 600


def test_second_training_of_the_same_model_is_refused(zygote, undisturbed, tmp_path):
    folder = copy(undisturbed, tmp_path / "work")
    given, made = commands()["train"]
    command = (folder, "train", *given, *options(**made))
    assert zygote.run(*command, die_at=3).status == -signal.SIGKILL
    (claim,) = folder.glob("checkpoints/*/claim")
    with claim.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = zygote.run(*command)
        assert end.status == 1
        assert "still running; wait for its end, or stop it" in end.messages
    assert zygote.run(*command).status == 0
    assert results(folder) == results(undisturbed)


@pytest.fixture
def sealed(tmp_path):
    """Programs that see a folder to which nothing can be written, and that folder."""
    folder = tmp_path / "sealed"
    folder.mkdir()
    if os.geteuid():
        folder.chmod(0o555)
        zygote = Zygote(tmp_path)
    else:  # permissions do not hold root back
        zygote = Zygote(tmp_path, folder, "64k,ro")
    yield zygote, folder
    zygote.close()
    folder.chmod(0o755)


def test_read_only_folder_is_named(sealed, undisturbed, tmp_path):
    zygote, seen = sealed
    folder = copy(undisturbed, tmp_path / "work")
    for stage in sorted(commands()):
        given, made = commands(out=seen)[stage]
        end = zygote.run(folder, stage, *given, *options(**made))
        last = end.messages.splitlines()[-1]
        assert (end.status, last[:7]) == (1, "error: "), end.messages
        assert str(seen) in last
        assert "Read-only file system" in last or "Permission denied" in last
        assert "Traceback" not in end.messages


LANGUAGES = {
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "decimal commas": {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"},
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_and_name_of_the_folder_change_nothing(
    undisturbed, tmp_path, language
):
    folder = copy(undisturbed, tmp_path / "größe in µm, 100 %")
    given, made = commands(out=folder / "neue Maße")["evaluate"]
    others = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG"))}
    run = subprocess.run(
        [sys.executable, ROOT / "scripts/evaluate.py", *given, *options(**made)],
        cwd=folder,
        env={**others, **LANGUAGES[language]},
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found, expected = results(folder / "neue Maße"), results(undisturbed)
    assert found == {name: expected[name] for name in found}
    assert set(found) == {"scores.json", "scores.csv"}
