import contextlib
import logging
import math

import pytest
import torch
from native import native_bfloat16
from training_files import TRAINING

from unet2015.errors import InputError
from unet2015.network.unet import UNet
from unet2015.training import trainer as trainer_module
from unet2015.training.affinity_loss import affinity_loss
from unet2015.training.loss import weighted_cross_entropy
from unet2015.training.trainer import Trainer

SETTINGS = {**TRAINING, "steps": 8}
ALWAYS, NEVER = -1.0, 1e9


NATIVE_BFLOAT16 = [
    pytest.param(
        {"precision": "bfloat16", "optimiser": optimiser}, marks=native_bfloat16
    )
    for optimiser in ("sgd", "adamw", "muon")
]


def read(index):
    generator = torch.Generator().manual_seed(index)
    images = torch.randn(2, 1, 16, 16, generator=generator)
    labels = (images[:, 0] > 0).long()
    return images, labels, torch.rand(2, 16, 16, generator=generator)


def trainer(seed=0, **changes):
    torch.manual_seed(seed)
    unet = UNet(width=2, depth=1, padding="same", norm="batch", dropout=0.5)
    return Trainer(unet, {**SETTINGS, **changes}, torch.device("cpu"))


def cut_off_at(index):
    """Return a reader that fails like a killed program at one batch."""

    def reader(asked):
        if asked >= index:
            raise KeyboardInterrupt
        return read(asked)

    return reader


def optimiser_states(optimiser):
    """Return the tensors that an optimiser keeps, of all its parts."""
    parts = getattr(optimiser, "optimisers", [optimiser])
    return {
        (part, parameter, name): value
        for part, each in enumerate(parts)
        for parameter, values in each.state_dict()["state"].items()
        for name, value in values.items()
    }


def assert_same(one, other):
    """Compare two trainers bit by bit, times aside."""
    for a, b in ((one.model, other.model), (one.average.model, other.average.model)):
        for name, value in a.state_dict().items():
            assert torch.equal(value, b.state_dict()[name]), name
    states = [optimiser_states(t.optimiser) for t in (one, other)]
    assert states[0].keys() == states[1].keys()
    for name, value in states[0].items():
        assert torch.equal(value, states[1][name]), name
    without_times = [[(s, *rest) for s, _, *rest in t.history] for t in (one, other)]
    assert without_times[0] == without_times[1]
    assert one.step == other.step


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"optimiser": "sgd"},
        {"optimiser": "adamw"},
        {"optimiser": "muon"},
        {"optimiser": "sgd", "schedule": "constant", "weight_average": 0.0},
        {"weight_average": 0.0},
        *NATIVE_BFLOAT16,
    ],
    ids=str,
)
@pytest.mark.parametrize("cuts", [[5], [2, 6], [3, 4, 7]])
def test_resumed_training_ends_as_if_never_interrupted(tmp_path, changes, cuts):
    whole = trainer(**changes)
    whole.train(read, tmp_path / "whole.pt", NEVER)
    for seed, index in enumerate(cuts):
        killed = trainer(seed=seed, **changes)
        with pytest.raises(KeyboardInterrupt):
            killed.train(cut_off_at(index), tmp_path / "state.pt", ALWAYS)
        assert killed.step == index
    resumed = trainer(seed=99, **changes)
    resumed.train(read, tmp_path / "state.pt", NEVER)
    assert resumed.step == 8
    assert_same(resumed, whole)


@pytest.mark.parametrize("changes", NATIVE_BFLOAT16, ids=str)
def test_bfloat16_gives_the_same_bits_again_and_others_than_float32(tmp_path, changes):
    runs = [trainer(**changes), trainer(**changes), trainer(**changes)]
    runs[2].settings = {**runs[2].settings, "precision": "float32"}
    for run in runs:
        torch.manual_seed(1)
        run.train(read, tmp_path / "state.pt", NEVER)
    assert_same(runs[0], runs[1])
    assert runs[0].history[-1][2] != runs[2].history[-1][2]
    assert {p.dtype for p in runs[0].model.parameters()} == {torch.float32}
    states = optimiser_states(runs[0].optimiser).values()
    assert {value.dtype for value in states} == {torch.float32}


@pytest.mark.parametrize("asked", [[3], [1, 8], [8, 2], [9]])
def test_snapshots_are_kept_after_the_named_steps(tmp_path, asked):
    run, kept = trainer(snapshots=asked), []
    run.train(read, tmp_path / "s", NEVER, keep=lambda: kept.append(run.step))
    assert kept == sorted(step for step in asked if step <= 8)


def test_truncated_checkpoint_is_reported_and_training_starts_over(tmp_path, caplog):
    whole, path = trainer(), tmp_path / "state.pt"
    whole.train(read, tmp_path / "whole.pt", NEVER)
    with pytest.raises(KeyboardInterrupt):
        trainer().train(cut_off_at(6), path, ALWAYS)
    path.write_bytes(path.read_bytes()[:-500])
    again = trainer()
    again.train(read, path, NEVER)
    assert "cannot be read" in caplog.text
    assert_same(again, whole)


def test_finished_training_is_not_repeated(tmp_path):
    whole = trainer()
    whole.train(read, tmp_path / "state.pt", ALWAYS)
    again = trainer()
    again.train(cut_off_at(0), tmp_path / "state.pt", ALWAYS)
    assert_same(again, whole)


def test_every_batch_is_read_once_and_none_beyond_the_end(tmp_path):
    asked = []
    trainer().train(
        lambda index: asked.append(index) or read(index), tmp_path / "state.pt", NEVER
    )
    assert asked == list(range(8))


@pytest.mark.parametrize("workers", [2, 5])
def test_threads_that_read_ahead_change_nothing(tmp_path, workers):
    alone = trainer()
    alone.train(read, tmp_path / "state.pt", NEVER)
    together = trainer()
    together.train(read, tmp_path / "state.pt", NEVER, workers=workers)
    assert_same(alone, together)


def test_checkpoints_are_written_now_and_then(tmp_path):
    trainer().train(read, tmp_path / "never.pt", NEVER)
    assert not (tmp_path / "never.pt").exists()


def test_dropout_is_on_and_follows_the_seed(tmp_path):
    runs = [trainer(), trainer(), trainer()]
    for number, run in enumerate(runs):
        torch.manual_seed(min(number, 1))
        run.train(read, tmp_path / "state.pt", NEVER)
    losses = [[row[2] for row in run.history] for run in runs]
    assert losses[0] != losses[1] == losses[2]


def test_history_and_loss(tmp_path):
    run = trainer(steps=60)
    run.train(read, tmp_path / "state.pt", NEVER)
    steps, seconds, losses, rates = zip(*run.history, strict=True)
    assert steps == tuple(range(1, 61))
    assert list(seconds) == sorted(seconds)
    assert max(rates) == 1e-2
    assert rates[-1] == pytest.approx(1e-2 / 48)
    assert sum(losses[-10:]) < 0.9 * sum(losses[:10])


def test_average_follows_the_model(tmp_path):
    for average in (0.0, 0.9):
        run = trainer(weight_average=average)
        run.train(read, tmp_path / "state.pt", NEVER)
        followed, model = run.average.model.state_dict(), run.model.state_dict()
        same = [torch.equal(followed[name], value) for name, value in model.items()]
        assert all(same) == (average == 0)
        assert (run.average.model is run.model) == (average == 0)


@pytest.mark.parametrize("max_grad_norm", [0.0, 1e-3])
def test_gradient_is_clipped(tmp_path, max_grad_norm):
    run = trainer(
        optimiser="sgd",
        momentum=0,
        weight_decay=0,
        steps=1,
        max_grad_norm=max_grad_norm,
    )
    before = torch.nn.utils.parameters_to_vector(run.model.parameters()).clone()
    run.train(read, tmp_path / "state.pt", NEVER)
    after = torch.nn.utils.parameters_to_vector(run.model.parameters())
    moved = (after - before).norm().item() / run.history[0][3]
    assert moved == pytest.approx(1e-3, rel=1e-2) if max_grad_norm else moved > 1e-2


def test_not_a_number_stops_the_training_at_once(tmp_path):
    def poisoned(index):
        images, labels, weights = read(index)
        return images * (torch.nan if index == 5 else 1), labels, weights

    run = trainer(schedule="constant", warmup=0.0)
    with pytest.raises(
        InputError,
        match=r"loss is nan .* at step 6 with learning rate 0\.01: .*a third of",
    ):
        run.train(poisoned, tmp_path / "state.pt", ALWAYS)
    assert run.step == 5
    assert all(torch.isfinite(p).all() for p in run.model.parameters())


def test_divergence_names_step_and_learning_rate(tmp_path):
    run = trainer(
        optimiser="sgd",
        learning_rate=1e30,
        schedule="constant",
        warmup=0,
        max_grad_norm=0,
    )
    with pytest.raises(
        InputError, match=r"(nan|inf) at step \d with learning rate 1e\+30"
    ):
        run.train(read, tmp_path / "state.pt", NEVER)


def test_progress_is_logged_in_tenths_without_a_terminal(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    trainer(steps=20).train(read, tmp_path / "state.pt", NEVER)
    lines = [line for line in caplog.messages if line.startswith("step ")]
    assert [line.split(",")[0] for line in lines] == [
        f"step {step} of 20" for step in range(2, 21, 2)
    ]


def test_long_tenths_are_logged_in_between(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr("unet2015.training.trainer.REPORT_SECONDS", 0)
    caplog.set_level(logging.INFO)
    trainer(steps=20).train(read, tmp_path / "state.pt", NEVER)
    lines = [line for line in caplog.messages if line.startswith("step ")]
    assert len(lines) == 20
    assert lines[-1].endswith("about 0 min left")


def test_infinite_gradient_stops_the_training_even_in_the_last_step(tmp_path):
    run = trainer(steps=1)
    next(run.model.parameters()).register_hook(lambda g: torch.full_like(g, math.inf))
    with pytest.raises(InputError, match=r"its gradient (nan|inf) at step 1"):
        run.train(read, tmp_path / "state.pt", NEVER)


@pytest.mark.parametrize(("name", "pinned"), [("cpu", 0), ("cuda", 3), ("cuda:1", 3)])
def test_batches_are_pinned_for_cuda_alone(monkeypatch, name, pinned):
    calls = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda t: calls.append(t) or t)
    run = trainer()
    run.device = torch.device(name)
    batch = read(0)
    assert all(a is b for a, b in zip(run._pinned(batch), batch, strict=True))
    assert len(calls) == pinned


def test_batch_and_loss_are_on_the_device_of_the_trainer(monkeypatch):
    entered = []

    def recorded(device, precision):
        entered.append((device, precision))
        return contextlib.nullcontext()

    monkeypatch.setattr(trainer_module, "autocast", recorded)
    run = trainer()
    run.device = torch.device("meta")
    run.model.to("meta")
    assert run._loss(read(0)).device.type == "meta"
    assert entered == [(torch.device("meta"), "float32")]


def test_images_are_channels_last(monkeypatch):
    unet = UNet(in_channels=3, width=2, depth=1, padding="same")
    run = Trainer(unet, SETTINGS, torch.device("cpu"))
    strides = []
    unet.register_forward_pre_hook(lambda _, given: strides.append(given[0].stride()))
    images, labels, weights = read(0)
    run._loss((images.repeat(1, 3, 1, 1), labels, weights))
    assert strides == [(3 * 16 * 16, 1, 3 * 16, 3)]


def test_half_precision_of_the_network_alone():
    run = trainer(precision="bfloat16")
    logits = []
    run.model.register_forward_hook(lambda *a: logits.append(a[2].dtype))
    loss = run._loss(read(0))
    loss.backward()
    assert logits == [torch.bfloat16]
    assert loss.dtype == torch.float32
    assert {p.grad.dtype for p in run.model.parameters()} == {torch.float32}


@pytest.mark.parametrize(("begun", "resumed"), [("cuda:1", "cuda:0"), ("cuda", "cuda")])
def test_random_numbers_are_those_of_the_own_gpu(monkeypatch, begun, resumed):
    """However many others torch sees, then or now."""
    kept = torch.arange(4, dtype=torch.uint8)
    states, restored = {torch.device(begun): kept}, {}
    monkeypatch.setattr(torch.cuda, "get_rng_state", states.__getitem__)
    monkeypatch.setattr(
        torch.cuda, "set_rng_state", lambda s, device: restored.update({device: s})
    )
    one, other = trainer(), trainer()
    one.device, other.device = torch.device(begun), torch.device(resumed)
    other._take(one.state())
    assert restored == {torch.device(resumed): kept}


def test_without_a_gpu_none_is_asked_for_random_numbers(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_rng_state", None)
    monkeypatch.setattr(torch.cuda, "set_rng_state", None)
    trainer()._take(trainer().state())


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"precision": "bfloat16"}, "on cpu in bfloat16, expected cpu in float32 as"),
        ({"device": "cuda"}, "on cuda in float32, expected cpu in float32 as this"),
    ],
)
def test_checkpoint_of_another_arithmetic_is_refused(tmp_path, changes, named):
    begun, path = trainer(), tmp_path / "state.pt"
    with pytest.raises(KeyboardInterrupt):
        begun.train(cut_off_at(6), path, ALWAYS)
    state = torch.load(path, weights_only=True)
    found = {"device": "cpu", "precision": "float32"} | changes
    assert state["arithmetic"] == "cpu in float32"
    state["arithmetic"] = f"{found['device']} in {found['precision']}"
    torch.save(state, path)
    with pytest.raises(InputError, match=f"state.pt was computed {named}.* delete it"):
        trainer().train(read, path, NEVER)
    state["arithmetic"] = "cpu in float32"
    torch.save(state, path)
    trainer().train(read, path, NEVER)


def test_loss_is_that_of_the_classes_and_of_the_affinities_behind_them():
    offsets, weights = [[0, 0, 1], [0, 1, 0], [0, 2, 2]], (3.0, 7.0)
    torch.manual_seed(0)
    unet = UNet(width=2, depth=1, padding="same", dropout=0, affinities=offsets)
    settings = {**SETTINGS, "affinity_loss": weights[0], "dice_loss": weights[1]}
    targets = torch.randint(-1, 2, (2, 3, 16, 16), dtype=torch.int8)
    images, *truth = read(0)
    made = Trainer(unet, settings, torch.device("cpu"))
    loss = made._loss((images, *truth, targets))
    logits = unet(images)
    expected = weighted_cross_entropy(logits[:, :2], *truth)
    expected = expected + affinity_loss(logits[:, 2:], targets, *weights)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
