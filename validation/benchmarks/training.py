"""``python -m validation.benchmarks.training``: the batched training against a plain loop, and how it scales.

Four measurements: an epoch of the workload of [IH] (13 values of α, M = 1) in one batch and in a plain loop with
autograd on the samples; the time to the exact minimum for each optimiser; an epoch as N, M and the number of runs
grow; and the share of the memory bandwidth that an epoch uses, as it reads all second moments once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import numpy as np
import torch
import typer

from vaesym.commands import run_command
from vaesym.inputs import count
from vaesym.output import columns, console
from validation.simulate.data import SpikedData, all_samples
from validation.simulate.descent import BatchedTraining, training
from validation.simulate.loss import sample_loss
from validation.simulate.runs import PRECISIONS, Run, Settings, starts
from validation.study.command import AsJson, Device, finish


class PlainTraining:
    """One run trained alone by torch's Adam with automatic differentiation of the loss on its samples.

    Parameters
    ----------
    run : any
    settings : learning rate, precision and device are taken from it

    >>> plain = PlainTraining(Run(SpikedData(10, 30)), Settings(device="cpu"))
    >>> plain.advance(5)
    >>> plain.loss().shape
    torch.Size([])
    """

    def __init__(self, run: Run, settings: Settings) -> None:
        self.run, begin = run, starts([run])
        like: dict[str, Any] = {"device": settings.resolved_device(), "dtype": getattr(torch, settings.precision)}
        weights = np.concatenate([begin.decoder, begin.encoder], axis=2).swapaxes(1, 2)
        self.x = torch.as_tensor(all_samples(run.data)).to(**like)[None]
        self.parameters = [torch.as_tensor(array).to(**like).requires_grad_() for array in (
            weights, np.log(begin.variances), np.log(begin.decoder_variance))]
        self._terms = [torch.tensor([value], **like) for value in (run.beta, run.lam)]
        self._learned = torch.ones(1, **like) if run.learn_decoder_variance else None
        self._optimiser = torch.optim.Adam(self.parameters[: 3 if run.learn_decoder_variance else 2],
                                           lr=settings.learning_rate)

    def loss(self) -> torch.Tensor:
        """Return R on the samples."""
        return sample_loss(self.x, *self.parameters, *self._terms, self._learned)[0]

    def advance(self, epochs: int) -> None:
        """Train for a number of epochs."""
        for _ in range(epochs):
            self._optimiser.zero_grad()
            self.loss().backward()
            self._optimiser.step()

    def loss_per_feature(self) -> float:
        """Return R/N in double precision at the present parameters."""
        doubles = (part.detach().double() for part in (self.x, *self.parameters, *self._terms))
        return float(sample_loss(*doubles, self._learned)) / self.run.data.features


def seconds(work: Callable[[], object], device: str) -> float:
    """Return the time that some work takes on a device.

    >>> seconds(lambda: None, "cpu") < 1
    True
    """
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    wait()
    before = time.perf_counter()
    work()
    wait()
    return time.perf_counter() - before


#: The batched training must be this many times as fast as the plain loop, per epoch, on the CPU.
REQUIRED_RATIO = 25.0
#: Share of the measured memory bandwidth that is required on CUDA at N = 1000 with 500 runs.
REQUIRED_BANDWIDTH = 0.6
#: Largest relative difference of the final losses of the two.
ALLOWED_DIFFERENCE = 1e-5
#: Values of α = P/N of the workload: 0.4, 0.8, …, 5.2.
_ALPHAS = np.arange(1, 14) * 0.4
#: Excess over the exact minimum, relative to it, at which a run counts as minimised.
_REACHED = 1e-6
#: How often an epoch is timed.
_REPEATS = 10
#: Bytes that a batch may take: on the CPU, and on CUDA.
_MEMORY = {"cpu": 2**30, "cuda": 64 * 2**30}
#: Sizes (N, M, runs) at which an epoch is timed; those beyond the memory are left out.
_SIZES = [(125, 1, 65), (250, 1, 65), (500, 1, 65), (1000, 1, 65), (250, 2, 65), (250, 4, 65), (250, 8, 65),
          (250, 1, 1), (250, 1, 10), (250, 1, 260), (1000, 1, 500)]


@dataclass(frozen=True)
class Timing:
    """Least milliseconds that an epoch of all runs took, batched and plain; of the plain loop a part was measured."""

    runs: int
    batched: float
    plain: float
    plain_runs: int
    plain_epochs: int

    @property
    def ratio(self) -> float:
        """Time of the plain loop in units of that of the batch."""
        return self.plain / self.batched


def workload(runs: int, features: int, latents: int = 1) -> list[Run]:
    """Return runs at β = λ = ρ = η = 1 that go through the 13 values of α again and again, with new seeds.

    >>> [run.data.samples for run in workload(14, 100)][::13]
    [40, 40]
    """
    return [Run(SpikedData(features, round(_ALPHAS[i % 13] * features), seed=i // 13), lam=1.0, latents=latents,
                start_seed=i // 13) for i in range(runs)]


def epoch_times(runs: list[Run], settings: Settings, plain_runs: int, epochs: int, repeats: int) -> Timing:
    """Time an epoch of both in turn, and return the least over the repeats: what else the machine does only adds."""
    batch = BatchedTraining(runs, settings)
    device = settings.resolved_device()
    chosen = [runs[i] for i in np.unique(np.linspace(0, len(runs) - 1, plain_runs).round().astype(int))]
    plain = [PlainTraining(run, settings) for run in chosen]
    batched, alone = math.inf, np.full(len(plain), math.inf)
    for _ in range(repeats):
        batched = min(batched, seconds(lambda: batch.advance(batch.done + epochs), device) / epochs)
        turn = [seconds(lambda one=one: one.advance(epochs), device) / epochs for one in plain]
        alone = np.minimum(alone, turn)
    return Timing(len(runs), 1e3 * batched, 1e3 * float(alone.mean()) * len(runs), len(plain), epochs)


def final_difference(runs: list[Run], settings: Settings, plain_runs: int) -> float:
    """Train to the end both ways and return the largest relative difference of the losses, over a few runs."""
    chosen = [runs[i] for i in np.unique(np.linspace(0, len(runs) - 1, plain_runs).round().astype(int))]
    batch = BatchedTraining(chosen, settings)
    batch.advance(batch.steps)
    differences = []
    for run, loss in zip(chosen, batch.result()["loss"], strict=True):
        plain = PlainTraining(run, settings)
        plain.advance(settings.epochs)
        differences.append(abs(loss - plain.loss_per_feature()) / abs(loss))
    return float(np.max(differences))


def times_to_minimum(runs: list[Run], settings: Settings) -> list[dict[str, Any]]:
    """Return for each optimiser the seconds until every run is within 10⁻⁶ of the exact minimum, and the share that is.

    The descents are looked at every hundredth of their length. Drawing the data and their moments counts for all.
    """
    device, memory = settings.resolved_device(), settings.memory
    exact_settings = Settings(method="exact", device=settings.device, memory=memory)
    training(runs[:1], exact_settings).advance(1)  # What is loaded at the first call is not its cost.
    exact = training(runs, exact_settings)
    found = [{"optimiser": "exact", "seconds": seconds(lambda: exact.advance(exact.steps), device), "share": 1.0}]
    least = exact.result()["loss"]

    def share(batch: Any) -> float:
        return float(((batch.result()["loss"] - least) / np.abs(least) <= _REACHED).mean())

    lbfgs = training(runs, Settings(method="lbfgs", memory=memory))
    found.append({"optimiser": "L-BFGS", "seconds": seconds(lambda: lbfgs.advance(lbfgs.steps), device),
                  "share": share(lbfgs)})
    descents = {"Adam, 1e-3": {}, "Adam, 1e-2": {"learning_rate": 1e-2},
                "SGD, 0.1": {"method": "sgd", "learning_rate": 0.1}}
    for name, changes in descents.items():
        adapted, made = Settings(**{**vars(settings), **changes}), []
        spent, reached = seconds(lambda adapted=adapted, made=made: made.append(training(runs, adapted)), device), 0.0
        batch = made[0]
        while batch.done < batch.steps and reached < 1:
            until = batch.done + math.ceil(batch.steps / 100)
            spent += seconds(lambda batch=batch, until=until: batch.advance(until), device)
            reached = share(batch)
        found.append({"optimiser": name, "seconds": spent, "share": reached})
    return found


def scaling(settings: Settings, sizes: list[tuple[int, int, int]], epochs: int) -> list[dict[str, float]]:
    """Return milliseconds for an epoch, and the bandwidth used in GB/s, at sizes (N, M, runs)."""
    rows = []
    for features, latents, runs in sizes:
        moved = PRECISIONS[settings.precision] * runs * features**2
        if moved > settings.memory:
            continue
        # Few samples: the cost of an epoch does not depend on them.
        specs = [Run(SpikedData(features, latents + 9, seed=i), lam=1.0, latents=latents) for i in range(runs)]
        batch = BatchedTraining(specs, settings)
        batch.advance(epochs)
        device = settings.resolved_device()
        least = min(seconds(lambda batch=batch: batch.advance(batch.done + epochs), device) for _ in range(5)) / epochs
        rows.append({"N": features, "M": latents, "runs": runs, "ms": 1e3 * least,
                     "product_ms": 1e3 * _product(runs, features, latents, settings, epochs),
                     "bandwidth": moved / least / 1e9})
    return rows


def _product(runs: int, features: int, latents: int, settings: Settings, epochs: int) -> float:
    """Seconds of the bare batched product of moments and weights."""
    device = settings.resolved_device()
    like = {"dtype": getattr(torch, settings.precision), "device": device}
    moments, weights = torch.ones(runs, features, features, **like), torch.ones(runs, 2 * latents, features, **like)
    fields = torch.empty_like(weights)

    def work() -> None:
        for _ in range(epochs):
            torch.bmm(weights, moments, out=fields)

    return min(seconds(work, device) for _ in range(5)) / epochs


def memory_bandwidth(settings: Settings) -> float:
    """Return the GB/s that a copy of a large array reads and writes on the device."""
    device = settings.resolved_device()
    source = torch.ones(2**28 if device == "cuda" else 2**25, dtype=torch.float32, device=device)
    target = torch.empty_like(source)
    return 2 * source.nbytes / min(seconds(lambda: target.copy_(source), device) for _ in range(10)) / 1e9


def results(runs: int, features: int, epochs: int, plain_runs: int, settings: Settings,
            sizes: list[tuple[int, int, int]]) -> dict[str, Any]:
    """Take all measurements and return them as plain numbers, with whether what is required was reached."""
    specs = workload(runs, features)
    timing = epoch_times(specs, settings, plain_runs, epochs, _REPEATS)
    difference = final_difference(specs, settings, min(3, plain_runs))
    reference, device = memory_bandwidth(settings), settings.resolved_device()
    rows = [{**row, "share": row["bandwidth"] / reference, "product_share": row["product_ms"] / row["ms"]}
            for row in scaling(settings, sizes, max(1, epochs // 2))]
    shares = [row["share"] for row in rows if row["N"] == 1000 and row["runs"] >= 500]
    fast = timing.ratio >= REQUIRED_RATIO if device == "cpu" else bool(shares) and max(shares) >= REQUIRED_BANDWIDTH
    return {"device": device, "precision": settings.precision, "threads": torch.get_num_threads(),
            "epoch": {**asdict(timing), "ratio": timing.ratio}, "final_difference": difference,
            "to_minimum": times_to_minimum(specs[:13], settings), "scaling": rows, "memory_bandwidth": reference,
            "passed": bool(fast and difference <= ALLOWED_DIFFERENCE)}


def _print(found: dict[str, Any]) -> None:
    out, epoch = console(), found["epoch"]
    out.print(f"{found['device']}, {found['precision']}, {found['threads']} threads\n"
              f"epoch of {epoch['runs']} runs: batched {epoch['batched']:.3g} ms, plain loop {epoch['plain']:.3g} ms, "
              f"ratio {epoch['ratio']:.3g} (plain loop: {epoch['plain_epochs']} epochs of {epoch['plain_runs']} runs, "
              f"scaled to all)\nfinal losses differ by {found['final_difference']:.1e}, relatively")
    reached = columns("13 runs to within 1e-6 of the minimum", "optimiser", "s", "at the minimum", words=("optimiser",))
    for row in found["to_minimum"]:
        reached.add_row(row["optimiser"], f"{row['seconds']:.3g}", f"{row['share']:.0%}")
    out.print(reached)
    table = columns(f"An epoch; a copy moves {found['memory_bandwidth']:.3g} GB/s", "N", "M", "runs", "ms",
                    "bare product", "GB/s", "of bandwidth")
    for row in found["scaling"]:
        table.add_row(str(row["N"]), str(row["M"]), str(row["runs"]), f"{row['ms']:.3g}",
                      f"{row['product_share']:.0%}", f"{row['bandwidth']:.3g}", f"{row['share']:.0%}")
    out.print(table)
    out.print("passed" if found["passed"] else "failed")


def main(
    runs: Annotated[int, typer.Option(help="Runs of the workload.")] = 65,
    features: Annotated[int, typer.Option(help="N of the workload.")] = 250,
    epochs: Annotated[int, typer.Option(help="Epochs that are timed at a time.")] = 50,
    plain_runs: Annotated[int, typer.Option(help="Runs that the plain loop is measured on.")] = 13,
    length: Annotated[int, typer.Option(help="Epochs of a whole training.")] = 15_000,
    device: Device = "auto",
    precision: Annotated[str, typer.Option(help="float32 or float64.")] = "float32",
    as_json: AsJson = False,
) -> None:
    """Measure the batched training: against a plain loop, to the minimum, and as sizes grow."""
    for name, value in {"runs": runs, "features": features, "epochs": epochs, "plain-runs": plain_runs}.items():
        count(name, value)
    asked = Settings(epochs=length, device=device, precision=precision)
    settings = Settings(epochs=length, device=device, precision=precision, memory=_MEMORY[asked.resolved_device()])
    found = results(runs, features, epochs, min(plain_runs, runs), settings, _SIZES)
    finish(found, lambda: _print(found), passed=found["passed"], as_json=as_json)


if __name__ == "__main__":
    raise SystemExit(run_command(main))
