"""Programs killed without warning and started again: nothing is lost."""

import contextlib
import os
import signal
import time

import numpy as np
import pytest

from faults.stages import STEPS, commands, copy, options, result, results

KILLS = {"train": 15, "predict": 8, "evaluate": 8, "augment": 4, "weight_maps": 4}


@pytest.fixture
def stage(request, undisturbed, zygote, tmp_path):
    """A folder without the outputs of a stage, and how to run it there."""
    given, made = commands()[request.param]
    folder = copy(undisturbed, tmp_path / "work")

    class Stage:
        name, expected = request.param, results(undisturbed)
        outputs = tuple(folder / path for path in made.values())
        arguments = (folder, request.param, *given, *options(**made))

        def forget(self):
            for path in self.outputs:
                path.unlink(missing_ok=True)

        def check_what_is_visible(self):
            for path in self.outputs:
                if path.exists():
                    assert result(path) == self.expected[path.name], path

        def check_end(self):
            end = zygote.run(*self.arguments)
            assert end.status == 0, end.messages
            # Exactly the files of the undisturbed run: no temporary file is left.
            assert results(folder) == self.expected
            return end

    stage = Stage()
    stage.forget()
    return stage


@pytest.mark.long
@pytest.mark.parametrize("stage", KILLS, indirect=True)
def test_kills_at_random_moments_change_nothing(stage, zygote):
    random = np.random.default_rng(sorted(KILLS).index(stage.name))
    started = time.monotonic()
    stage.check_end()
    seconds = time.monotonic() - started
    stage.forget()
    kills = 0
    while kills < KILLS[stage.name]:
        pid = zygote.start(*stage.arguments)
        time.sleep(random.uniform(0, seconds))
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if zygote.end().status == 0:  # it was faster
            stage.check_end()
            stage.forget()
            continue
        kills += 1
        stage.check_what_is_visible()
    stage.check_end()


@pytest.mark.long
@pytest.mark.parametrize("stage", ["train", "predict", "evaluate"], indirect=True)
def test_kill_at_each_step_of_finishing_a_file_changes_nothing(stage, zygote):
    kills = 0
    while True:
        end = zygote.run(*stage.arguments, die_at=kills + 1)
        stage.check_what_is_visible()
        if end.status == 0:
            break
        assert end.status == -signal.SIGKILL, end.messages
        kills += 1
    assert kills >= 2 * len(stage.outputs)  # flush and name of each
    stage.forget()
    stage.check_end()


@pytest.mark.parametrize("stage", ["train"], indirect=True)
def test_every_restart_goes_on_from_the_last_checkpoint(stage, zygote):
    calls = 4 * 3 + 2  # two a file; history beside the checkpoint
    for start in range(3):  # four checkpoints a try, the last one unfinished
        end = zygote.run(*stage.arguments, die_at=calls)
        assert end.status == -signal.SIGKILL
        assert (f"at step {3 * start}" in end.messages) == (start > 0)
    assert "at step 9" in stage.check_end().messages
    assert STEPS > 9
