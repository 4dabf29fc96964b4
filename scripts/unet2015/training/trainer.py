"""The training loop: one pass over the steps, resumable at any of them."""

import logging
import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from unet2015 import cli
from unet2015.errors import InputError
from unet2015.network.device import autocast
from unet2015.network.unet import UNet
from unet2015.training.affinity_loss import affinity_loss
from unet2015.training.checkpoints import load_checkpoint, save_checkpoint
from unet2015.training.loss import weighted_cross_entropy
from unet2015.training.optimisers import WeightAverage, learning_rate, make_optimiser
from unet2015.training.prefetching import prefetched

log = logging.getLogger(__name__)

Batch = tuple[Tensor, ...]
"""Images, labels, weights and, if there are any, the targets of affinities."""

REPORT_SECONDS = 600


class Trainer:
    """A model, its optimiser and its position in the training.

    Parameters
    ----------
    model : UNet
        Already on `device`.
    settings : dict
        The section `training` of the config: `optimiser`, `learning_rate`,
        `schedule`, `warmup`, `momentum`, `weight_decay`, `max_grad_norm`,
        `weight_average`, `compile`, `steps`, `snapshots`, `affinity_loss`,
        `dice_loss`; `precision` is that of
        :func:`unet2015.network.device.choose_precision`.
    device : torch.device
        Where batches are sent.
    """

    def __init__(self, model: UNet, settings: dict, device: torch.device):
        self.model, self.settings, self.device = model, settings, device
        self.average = WeightAverage(model, settings["weight_average"])
        self.optimiser = make_optimiser(model, settings)
        self.forward = torch.compile(model) if settings["compile"] else model
        self.step = 0
        self.seconds = self.reported = 0.0
        self.history: list[list[float]] = []

    def train(
        self,
        read: Callable[[int], Batch],
        checkpoint: Path,
        checkpoint_seconds: float = 60.0,
        workers: int = 1,
        keep: Callable[[], None] = lambda: None,
        saved: Callable[[], None] = lambda: None,
    ) -> None:
        """Train to the last step.

        Parameters
        ----------
        read : callable
            Gives the batch of a 0-based index; see
            :func:`unet2015.samples.batches.read_batch`.
        checkpoint : Path
            Read at the start if it exists, written now and then.
        checkpoint_seconds : float
            Time between two checkpoints, seconds.
        workers : int
            Threads that read batches ahead.
        keep : callable
            Called after each step that `snapshots` names, to write a snapshot.
        saved : callable
            Called after each checkpoint.

        Raises
        ------
        InputError
            If the loss is no longer finite: names the step, the learning rate
            and what to try. If the checkpoint is of another training, or was
            computed on another kind of device or in another precision.
        """
        self._resume(checkpoint)
        last = time.monotonic()
        started = last - self.seconds
        steps = self.settings["steps"]
        batches = prefetched(lambda i: self._pinned(read(i)), self.step, steps, workers)
        with cli.progress(total=steps, initial=self.step, unit="step") as bar:
            while self.step < steps:
                rate = learning_rate(self.step, self.settings)
                loss = self._update(next(batches), rate)
                self.step += 1
                self.seconds = time.monotonic() - started
                self.history.append([self.step, self.seconds, loss, rate])
                bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
                bar.update()
                if bar.disable:
                    self._report()
                if self.step in self.settings["snapshots"]:
                    keep()
                if time.monotonic() - last > checkpoint_seconds:
                    save_checkpoint(checkpoint, self.state())
                    saved()
                    last = time.monotonic()

    def _update(self, batch: Batch, rate: float) -> float:
        """Take one optimiser step; return the loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.model.train()
        self.optimiser.zero_grad(set_to_none=True)
        loss = self._loss(batch)
        loss.backward()
        total = loss.item()
        parameters = list(self.model.parameters())
        norm = torch.nn.utils.clip_grad_norm_(
            parameters, self.settings["max_grad_norm"] or math.inf
        )
        if not (math.isfinite(total) and math.isfinite(norm)):
            raise InputError(
                f"the loss is {total} and its gradient {norm:.3g} at step "
                f"{self.step + 1} with learning rate {rate:.3g}: the training "
                "diverged; try a third of learning_rate, a longer warmup or a smaller "
                "max_grad_norm"
            )
        self.optimiser.step()
        self.average.update()
        return total

    def _pinned(self, batch: Batch) -> Batch:
        """Lock a batch in memory where CUDA can then copy it during a step."""
        if self.device.type != "cuda":
            return batch
        return tuple(part.pin_memory() for part in batch)

    def _loss(self, batch: Batch) -> Tensor:
        """Send a batch to the device and return its loss."""
        images, labels, weights, *affinities = (
            part.to(self.device, non_blocking=True) for part in batch
        )
        images = images.contiguous(memory_format=torch.channels_last)
        with autocast(self.device, self.settings["precision"]):
            logits = self.forward(images)
        if not affinities:
            return weighted_cross_entropy(logits, labels, weights)
        (targets,) = affinities
        classes = logits.shape[1] - targets.shape[1]
        factors = self.settings["affinity_loss"], self.settings["dice_loss"]
        return weighted_cross_entropy(
            logits[:, :classes], labels, weights
        ) + affinity_loss(logits[:, classes:], targets, *factors)

    def _report(self) -> None:
        """Log each tenth of the way, and every ten minutes, in place of a bar."""
        steps = self.settings["steps"]
        is_tenth = self.step * 10 // steps > (self.step - 1) * 10 // steps
        if is_tenth or self.seconds - self.reported > REPORT_SECONDS:
            self.reported = self.seconds
            recent = [row[2] for row in self.history[-50:]]
            left = (steps - self.step) * self.seconds / self.step
            log.info(
                "step %d of %d, loss %.4f, %.0f s, about %.0f min left",
                self.step,
                steps,
                sum(recent) / len(recent),
                self.seconds,
                left / 60,
            )

    def state(self) -> dict:
        """Return all that an uninterrupted continuation depends on."""
        return {
            "model": self.model.state_dict(),
            "average": self.average.model.state_dict(),
            "updates": self.average.updates,
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "history": self.history,
            "arithmetic": self._arithmetic(),
            "rng": torch.get_rng_state(),
            "cuda_rng": self._cuda_rng(),
        }

    def _arithmetic(self) -> str:
        """Name what results depend on beside the settings."""
        return f"{self.device.type} in {self.settings['precision']}"

    def _cuda_rng(self) -> Tensor | None:
        """Return the random numbers of the GPU that this training is on, if any."""
        on_gpu = self.device.type == "cuda"
        return torch.cuda.get_rng_state(self.device) if on_gpu else None

    def _resume(self, checkpoint: Path) -> None:
        """Take the state of `checkpoint`, if there is one."""
        state = load_checkpoint(checkpoint)
        if state is None:
            return
        try:
            begun, here = state["arithmetic"], self._arithmetic()
            if begun == here:
                self._take(state)
        except (LookupError, TypeError, ValueError, RuntimeError) as error:
            raise InputError(
                f"checkpoint {checkpoint} is not of this training "
                f"({str(error).splitlines()[0]}); delete it and run again"
            ) from error
        if begun != here:
            raise InputError(
                f"checkpoint {checkpoint} was computed on {begun}, expected {here} as "
                "this run, which rounds otherwise; go on where it was begun (--device, "
                "precision), or delete it to start over"
            )
        log.info("resumed from %s at step %d", checkpoint, self.step)

    def _take(self, state: dict) -> None:
        """Go where a state is."""
        self.model.load_state_dict(state["model"])
        self.average.model.load_state_dict(state["average"])
        self.average.updates = state["updates"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.seconds = state["step"], state["seconds"]
        self.reported = self.seconds
        self.history = state["history"]
        torch.set_rng_state(state["rng"])
        if state["cuda_rng"] is not None:
            torch.cuda.set_rng_state(state["cuda_rng"], self.device)
