"""One training for all β, that can be interrupted and goes on where it was; and what the networks do at one β."""

from __future__ import annotations

import dataclasses
import math
import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vaesym.inputs import Floats, InputError
from vaesym.output import replacing
from vaesym.practice.data.matrix import Array
from vaesym.practice.scan.networks import Conditioned

if TYPE_CHECKING:
    from torch import Tensor

    from vaesym.practice.scan.prepared import Prepared
    from vaesym.practice.scan.settings import Progress, Settings

#: The rate rises over this share of the steps and falls along half a cosine. That of the gates is so many times larger,
#: after a share in which they stay: beside untrained networks a gate that ought to be open closes, and for good.
_RISE, _GATES, _HELD = 0.02, 10.0, 0.1
_GOLDEN = (math.sqrt(5) - 1) / 2
#: Where a state far from full collapse is better than it beyond its instability, knots there join one after the other
#: over this share of the steps.
_JOINED = 0.7
#: Weights of an encoder's units of more inputs than this have a smaller rate.
_INPUTS = 100
#: A batch has so many β: with one alone the weights that all share are drawn to and fro.
_TOGETHER = 2
#: Samples evaluated at once.
_CHUNK = 4096


class Measured(NamedTuple):
    """−ln p(x|z), of "gaussian" half the squared error, and the KL of each latent (M,): means over samples."""

    misfit: float
    kl: Floats


@dataclass(frozen=True, eq=False)
class _Job:
    """What stays the same over a training."""

    ready: Prepared
    settings: Settings
    tensors: tuple[Tensor, Tensor, Tensor]
    log_range: tuple[float, float]

    @property
    def batch(self) -> int:
        return min(self.settings.batch, len(self.ready.training))

    @property
    def steps(self) -> int:
        return self.epochs * (len(self.ready.training) // self.batch)

    @property
    def epochs(self) -> int:
        return self.settings.epochs_for(len(self.ready.training))

    def weight(self, log_beta: float) -> float:
        """Return one over the loss that linear theory expects at ln β.

        So each part of the curve counts by its relative error; 1/√β, which is simpler, leaves large β too little.
        """
        unit, linear, beta = self.ready.observation.unit**2, self.ready.linear, np.array([math.exp(log_beta)])
        known = linear.thresholds / unit
        return 2 / float(np.minimum(known, beta).sum() + 2 * (beta * linear.kl(beta * unit)).sum() + linear.rest / unit)


def log_range_of(ready: Prepared) -> tuple[float, float]:
    """Return the ends of ln β in units of the networks."""
    low, high = (math.log(end / ready.observation.unit**2) for end in ready.beta_range)
    return low, high


def tensors_of(ready: Prepared, device: str) -> tuple[Any, Any, Any]:
    """Return values, inputs and condition as tensors of a device."""
    import torch

    values = torch.as_tensor(ready.values, device=device)
    inputs = values if ready.inputs is ready.values else torch.as_tensor(ready.inputs, device=device)
    return values, inputs, torch.as_tensor(ready.condition, device=device)


def train(ready: Prepared, settings: Settings, progress: Progress | None = None) -> list[Conditioned]:
    """Return one network for each seed, trained for all β of the range.

    With a checkpoint each epoch is kept in it, and a training that it holds goes on: the result is the same as without
    interruption.

    Raises :class:`vaesym.InputError`: a checkpoint of another training, or a loss that does not stay finite.
    """
    job = _Job(ready, settings, tensors_of(ready, settings.device), log_range_of(ready))
    stamp = _stamp(job)
    held: dict[str, Any] = _restored(job, stamp)
    models: list[Conditioned] = []
    for place in range(settings.seeds):
        model = Conditioned(ready, settings, job.log_range, settings.seed + place)
        if place < len(held["done"]):
            model.load(held["done"][place])
        else:
            _descend(job, model, place, held, stamp, progress)
            held.update(done=[*held["done"], model.state()], running=None)
            _keep(job, stamp, held)
        models.append(model)
    return models


def _descend(job: _Job, model: Conditioned, place: int, held: dict[str, Any], stamp: str,
             progress: Progress | None) -> None:
    import torch

    rate = job.settings.learning_rate
    groups: list[Any] = [{"params": tensors, "share": share} for share, tensors in _shares(model).items()]
    groups.append({"params": [model.log_gates, model.log_theta], "share": _GATES})
    optimiser = torch.optim.Adam(groups, lr=rate, fused=True)
    first = 0
    if held["running"] is not None:
        first = held["running"]["epoch"]
        model.load(held["running"]["model"])
        optimiser.load_state_dict(held["running"]["optimiser"])
    each = job.steps // job.epochs
    for epoch in range(first, job.epochs):
        draws = _Draws(job, job.settings.seed + place, epoch)
        loss = torch.zeros(())
        for step in range(each):
            number = epoch * each + step
            for group in optimiser.param_groups:
                group["lr"] = group["share"] * rate * _rate(number, job.steps)
            if number < _HELD * job.steps:
                optimiser.param_groups[-1]["lr"] = 0.0
            model.join(*(_reached(job, model.places, max(place, 0)) for place in (number - 1, number)))
            loss = _step(job, model, optimiser, draws.of(step), _places(job, model.places, number))
            if progress is not None:
                progress(place * job.steps + number + 1, job.settings.seeds * job.steps)
        if not math.isfinite(float(loss)):
            raise InputError("a loss that stays finite", f"{float(loss)} after {epoch + 1} epochs",
                             f"lower the learning rate from {rate:g}, or rescale the data")
        if epoch + 1 < job.epochs:
            state = {"epoch": epoch + 1, "model": model.state(), "optimiser": optimiser.state_dict()}
            _keep(job, stamp, {"done": held["done"], "running": state})


def _shares(model: Conditioned) -> dict[float, list[Tensor]]:
    """Return the weights by their share of the learning rate.

    A step of Adam moves all weights alike, and so a unit of many inputs far: it can be off for all samples from then
    on, as two in three of an encoder of images were at the rate that suits the other weights.
    """
    found: dict[float, list[Tensor]] = {}
    for name, tensor in model.weights():
        many = tensor[0].numel() if name.startswith("encoder.") and tensor.ndim > 1 else 1
        found.setdefault(min(1.0, _INPUTS / many), []).append(tensor)
    return found


def _rate(step: int, steps: int) -> float:
    """Return the share of the learning rate at a step.

    >>> [round(_rate(step, 1000), 3) for step in (0, 19, 999)]
    [0.05, 0.999, 0.0]
    """
    return min(1.0, (step + 1) / max(_RISE * steps, 1.0)) * (1 + math.cos(math.pi * step / steps)) / 2


class _Draws:
    """What an epoch draws: the order of the samples and the noise of z."""

    def __init__(self, job: _Job, seed: int, epoch: int) -> None:
        import torch

        self._job = job
        number = np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0]
        self._random = torch.Generator().manual_seed(int(number) % 2**63)
        rows = torch.as_tensor(job.ready.training)
        self._rows = rows[torch.randperm(len(rows), generator=self._random)].to(job.settings.device)

    def of(self, step: int) -> tuple[Tensor, Tensor]:
        """Return the rows of a batch (B,) and noise (B, M)."""
        import torch

        size = self._job.batch
        noise = torch.randn(size, self._job.settings.latents, generator=self._random)
        return self._rows[step * size : (step + 1) * size], noise.to(self._job.settings.device)


def _reached(job: _Job, places: list[float], number: int) -> int:
    """Return the last knot of those up to which β goes at a step.

    Full collapse is stable beyond the first threshold. A state that is better there is found by networks that come from
    smaller β, where it is the only one.
    """
    linear, last = job.ready.linear, len(places) - 1
    if not linear.far:
        return last
    top = math.log(float(linear.thresholds[0]) / job.ready.observation.unit**2)
    first = min(int(np.searchsorted(places, top)), last)
    return min(first + int((last - first) * number / (_JOINED * job.steps)), last)


def _places(job: _Job, knots: list[float], number: int) -> list[float]:
    """Return ln β of the parts of a batch: one in each part of the range, which all move on by the golden ratio."""
    low, high = job.log_range
    if knots:
        high = knots[_reached(job, knots, number)]
    parts = min(_TOGETHER, job.batch)
    moved = math.fmod(_GOLDEN * (number + 1), 1.0)
    return [low + (high - low) * (place + moved) / parts for place in range(parts)]


def _step(job: _Job, model: Conditioned, optimiser: Any, drawn: tuple[Tensor, Tensor], places: list[float]) -> Tensor:
    import torch

    loss = torch.zeros((), device=job.settings.device)
    for log_beta, *parts in zip(places, *(part.tensor_split(len(places)) for part in drawn), strict=True):
        rows, noise = parts
        values, inputs, told = job.tensors
        misfit, kl = model.terms((values[rows], inputs[rows], told[rows]), log_beta, noise)
        loss = loss + (misfit + math.exp(log_beta) * kl.sum(1)).mean() * job.weight(log_beta) / len(places)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    model.bound()
    return loss.detach()


def _stamp(job: _Job) -> str:
    """Return what tells one training from another: settings, data, and the networks."""
    kept = dataclasses.replace(job.settings, checkpoint=None, device="", encoder=None, decoder=None,
                               epochs=job.epochs)
    data = [zlib.crc32(np.ascontiguousarray(array).tobytes()) for array in
            (job.ready.values, job.ready.condition, job.ready.training)]
    return f"joining knots {kept} {job.log_range} {data} {job.settings.encoder is not None}"


def _restored(job: _Job, stamp: str) -> dict[str, Any]:
    import torch

    file = job.settings.checkpoint
    if file is None or not file.exists():
        return {"done": [], "running": None}
    try:
        found: Any = torch.load(file, map_location=job.settings.device, weights_only=True)
        known, held = found["stamp"], {"done": found["done"], "running": found["running"]}
    except Exception as error:  # torch gives no closed list of what a file of another kind raises.
        raise InputError("a checkpoint of vaesym scan", f"{file}, which cannot be read as one",
                         "name another file") from error
    if known != stamp:
        raise InputError("a checkpoint of this very scan", f"{file}, of other data or options",
                         "name another file, or remove it to begin afresh")
    return held


def _keep(job: _Job, stamp: str, held: dict[str, Any]) -> None:
    import torch

    if job.settings.checkpoint is not None:
        with replacing(job.settings.checkpoint) as scratch:
            torch.save({"stamp": stamp, **held}, os.fspath(scratch))


def evaluate(model: Conditioned, tensors: tuple[Any, Any, Any], rows: Array, log_beta: float) -> Measured:
    """Return the means over rows at one ln β, in units of the networks.

    The noise of z is always the same, comes in pairs ±, and has variance 1.
    """
    import torch

    random = torch.Generator().manual_seed(0)
    misfits, kls = 0.0, 0.0
    with torch.no_grad():
        for start in range(0, len(rows), _CHUNK):
            part = torch.as_tensor(rows[start : start + _CHUNK], device=model.device)
            noise = torch.randn(len(part), model.log_gates.shape[-1], generator=random).to(model.device)
            noise = noise / noise.square().mean(0).sqrt()
            batch = tensors[0][part], tensors[1][part], tensors[2][part]
            misfit, kl = model.terms(batch, log_beta, noise)
            misfits += float((misfit + model.terms(batch, log_beta, -noise)[0]).double().sum()) / 2
            kls = kls + kl.double().sum(0).cpu().numpy()
    return Measured(misfits / len(rows), np.maximum(kls / len(rows), 0.0))
