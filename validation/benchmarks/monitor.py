"""``python -m validation.benchmarks.monitor``: does the monitor name the latents that collapse, in time, and no others?

Small MLP-VAEs are trained to the end, several side by side, each watched by ``vaesym.Monitor``. Three kinds of
trainings: β above the eigenvalues of some latents (Fashion-MNIST); β low enough for all, but a learning rate at which
some or all die (digits); and healthy ones (both). Before a tenth of the training is over, the monitor must name each
latent that is collapsed by then and stays so, and none that is active then; one that dies later must be named within a
tenth of the training. In a healthy training it must say nothing. Its share of the time of a training step is measured
on an MLP-VAE 784–128–M with batches of 128. With ``--folder`` what is done is kept, and the same command goes on from
there.

A latent that is collapsed at a tenth of the training and comes back later may be named, as no measurement can tell it
from the others by then. It is rare: with the high learning rate, of 84 latents collapsed at a tenth (seeds 100–119,
200–209, 500–509) two came back, at half of the training and at its very end; none of the 76 active ones died. How many
trainings had exactly the latents named that *ended* collapsed is printed too.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from scipy.stats import binomtest
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from vaesym.commands import run_command
from vaesym.inputs import Floats, InputError, count
from vaesym.output import columns, console, writable_folder
from vaesym.practice import advise, load_data
from vaesym.practice.monitor import Monitor
from vaesym.practice.monitor.measurement import information
from validation.benchmarks.scan import kept
from validation.study.command import AsJson, finish

#: Information in nats below which a latent counts as collapsed: at a tenth of the training and at its end.
COLLAPSED = 0.02
#: Stretches of a training over which the information of its latents is measured, and how many make a tenth.
STRETCHES = 100
TENTH = STRETCHES // 10


def collapsed(sums: Floats) -> tuple[int, ...]:
    """Return the latents whose information is below the floor, from sums as for :func:`deaths`.

    >>> collapsed(np.array([[[1.0, 0.01], [0.5, 1.0]]]))
    (1,)
    """
    return tuple(int(i) for i in np.flatnonzero(information(*sums.sum(axis=0)) < COLLAPSED))


def deaths(sums: Floats) -> tuple[dict[int, float], tuple[int, ...]]:
    """Return which latents died after a tenth of the training, and when as a share of it; and which ended collapsed.

    ``sums`` holds Var(mu) and the posterior variance of each latent over equal stretches (stretches, 2, M). Who dies in
    the last tenth is not among the former: there is no tenth left to name it in.

    >>> alive, dead = np.array([[1.0], [0.5]]), np.array([[0.0], [1.0]])
    >>> deaths(np.stack([alive] * 60 + [dead] * 40))
    ({0: 0.6}, (0,))
    """
    end = collapsed(sums[-(STRETCHES // 20) :])
    active = information(sums[:, 0], sums[:, 1]) >= COLLAPSED
    last = {latent: int(np.flatnonzero(active[:, latent]).max(initial=-1)) + 1 for latent in end}
    return {latent: stretch / STRETCHES for latent, stretch in last.items()
            if TENTH <= stretch <= STRETCHES - TENTH}, end


#: Share of the trainings that collapse in which the monitor must name the latents in time.
REQUIRED_SHARE = 0.95
#: Largest share of the time of a training step.
ALLOWED_OVERHEAD = 0.01
_IMAGES = 6000
#: Trainings side by side.
STACKED = 15


@dataclass(frozen=True)
class Case:
    """Trainings that differ in their seed only."""

    name: str
    data: str
    latents: int
    beta: float
    learning_rate: float
    steps: int
    healthy: bool = False
    hidden: int = 64
    batch: int = 64


CASES = (
    Case("β above some eigenvalues", "fashion-mnist", 4, 8.0, 2e-3, 12_000),
    Case("learning rate too high", "digits", 4, 0.1, 3e-2, 24_000, hidden=32, batch=32),
    Case("healthy", "fashion-mnist", 2, 2.0, 2e-3, 4000, healthy=True),
    Case("healthy", "digits", 4, 0.15, 2e-3, 5000, healthy=True),
)


@dataclass(frozen=True)
class Outcome:
    """One watched training.

    Fields: the latents collapsed at a tenth of it, those that ended so, those named within the first tenth, and those
    that died later without being named within a tenth of the training; and all alerts as texts.
    """

    case: Case
    seed: int
    expected_active: int
    at_a_tenth: tuple[int, ...]
    collapsed: tuple[int, ...]
    named: tuple[int, ...]
    missed: tuple[int, ...]
    alerts: tuple[str, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether the monitor said what it should: nothing in a healthy training."""
        if self.case.healthy:
            return not self.alerts and not self.collapsed and self.expected_active == self.case.latents
        stay = set(self.at_a_tenth) & set(self.collapsed)
        return stay <= set(self.named) <= set(self.at_a_tenth) and not self.missed

    @property
    def exact(self) -> bool:
        """Whether exactly the latents that ended collapsed were named, whenever they died or came back."""
        return self.named == self.collapsed

    @property
    def counts(self) -> bool:
        """Whether the training is of the kind it was meant to be; one without a collapse is no test of naming."""
        return self.case.healthy or bool(self.collapsed or self.named or self.at_a_tenth)


class Network(nn.Module):
    """Encoder and decoder with one hidden layer of ReLUs each, and posterior variances that depend on x."""

    def __init__(self, features: int, latents: int, hidden: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, 2 * latents))
        self.decoder = nn.Sequential(nn.Linear(latents, hidden), nn.ReLU(), nn.Linear(hidden, features))

    def forward(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return (reconstruction, mu, logvar) for x (B, N) and standard normal noise (B, M)."""
        mu, logvar = self.encoder(x).chunk(2, dim=1)
        return self.decoder(mu + torch.exp(logvar / 2) * noise), mu, logvar


class Training:
    """Adam on ½·squared error + β·KL with batches drawn with replacement; ``step`` does one step."""

    def __init__(self, case: Case, seed: int) -> None:
        torch.manual_seed(seed)
        self.x, self.case = images(case.data), case
        self.network = Network(self.x.shape[1], case.latents, case.hidden)
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=case.learning_rate)

    def step(self) -> tuple[Tensor, Tensor]:
        """Do one step and return mu and logvar, each (B, M)."""
        x = self.x[torch.randint(len(self.x), (self.case.batch,))]
        found = self.network(x, torch.randn(self.case.batch, self.case.latents))
        _descend(self.optimiser, losses(x, *found, beta=self.case.beta))
        return found[1:]


class Stack:
    """Trainings of several seeds side by side, each with the weights, batches and noise that it has alone.

    ``random`` draws for each; ``step`` does one step of each and returns mu and logvar, each (S, B, M).
    """

    def __init__(self, case: Case, seeds: Sequence[int]) -> None:
        self.x, self.case, self.random, networks = images(case.data), case, [torch.Generator() for _ in seeds], []
        for seed, random in zip(seeds, self.random, strict=True):
            networks.append(Training(case, seed).network)
            random.set_state(torch.get_rng_state())
        self._weights, _ = stack_module_state(networks)
        self._networks = vmap(partial(functional_call, networks[0]))
        self.optimiser = torch.optim.Adam(self._weights.values(), lr=case.learning_rate, fused=True)

    def step(self) -> tuple[Tensor, Tensor]:
        """Do one step of each training."""
        size, latents = self.case.batch, self.case.latents
        x = self.x[torch.stack([torch.randint(len(self.x), (size,), generator=one) for one in self.random])]
        noise = torch.stack([torch.randn(size, latents, generator=one) for one in self.random])
        found = self._networks(self._weights, (x, noise))
        _descend(self.optimiser, losses(x, *found, beta=self.case.beta))
        return found[1:]


def losses(x: Tensor, reconstruction: Tensor, mu: Tensor, logvar: Tensor, *, beta: float) -> Tensor:
    """Return the mean loss over a batch, for each of a stack.

    >>> losses(torch.ones(2, 4), torch.zeros(2, 4), torch.ones(2, 1), torch.zeros(2, 1), beta=2.0)
    tensor(3.)
    """
    divergence = 0.5 * (mu**2 + logvar.exp() - logvar - 1).sum(dim=-1)
    return (0.5 * ((reconstruction - x) ** 2).sum(dim=-1) + beta * divergence).mean(dim=-1)


def _descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad()
    loss.sum().backward()
    optimiser.step()


@cache
def images(name: str) -> Tensor:
    """Return the images (P, N) of a data set in [0, 1], of Fashion-MNIST the first 6,000."""
    loaded = load_data(name)
    pixels = loaded.array[:_IMAGES].astype(np.float32) * loaded.scaling
    return torch.from_numpy(pixels / pixels.max())


def watch(case: Case, seeds: Sequence[int]) -> list[Outcome]:
    """Train to the end with a monitor each, and compare what they said with what became of the latents."""
    begun, stack = time.process_time(), Stack(case, seeds)
    advice = advise(stack.x.numpy(), latents=case.latents, beta=case.beta)
    monitors = [Monitor(advice, total_steps=case.steps) for _ in seeds]
    sums = np.zeros((len(seeds), STRETCHES, 2, case.latents))
    for step in range(case.steps):
        mu, logvar = (one.detach() for one in stack.step())
        for monitor, mean, log in zip(monitors, mu, logvar, strict=True):
            monitor.update(mean, log)
        sums[:, step * STRETCHES // case.steps] += torch.stack([mu.var(dim=1), logvar.exp().mean(dim=1)], 1).numpy()
    seconds = (time.process_time() - begun) / len(seeds)
    return [_outcome(case, seed, monitor, one, seconds)
            for seed, monitor, one in zip(seeds, monitors, sums, strict=True)]


def _outcome(case: Case, seed: int, monitor: Monitor, sums: Floats, seconds: float) -> Outcome:
    first: dict[int, int] = {}
    for alert in monitor.alerts:
        for latent in alert.latents if alert.kind in ("collapsed", "stuck") else ():
            first.setdefault(latent, alert.step)
    tenth = case.steps / 10
    late, end = deaths(sums)
    return Outcome(case, seed, monitor.to_dict()["expected_active"], collapsed(sums[TENTH - 2 : TENTH]), end,
                   tuple(sorted(latent for latent, step in first.items() if step <= tenth)),
                   tuple(latent for latent, share in late.items()
                         if first.get(latent, np.inf) > share * case.steps + tenth),
                   tuple(map(str, monitor.alerts)), seconds)


def watched(case: Case, seeds: Sequence[int], folder: Path | None) -> list[Outcome]:
    """Return watched trainings, those in the folder as they are.

    Raises
    ------
    vaesym.InputError
        One in the folder that was trained otherwise.
    """
    kind, outcomes = "healthy" if case.healthy else "collapse", []
    files = {seed: None if folder is None else folder / f"{kind}-{case.data}-{seed}.json" for seed in seeds}
    missing = [seed for seed, file in files.items() if file is None or not file.exists()]
    for one in watch(case, missing) if missing else ():
        if (file := files[one.seed]) is None:
            outcomes.append(one)
        else:
            kept(file, lambda one=one: asdict(one))
    return outcomes if folder is None else [_read(file, case) for file in files.values() if file is not None]


def _read(file: Path, case: Case) -> Outcome:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if (known := Case(**found.pop("case"))) != case:
        raise InputError(f"trainings of {case} in the folder", f"{file}, of {known}", "name another folder")
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value
                              for name, value in found.items()}
    return Outcome(case, **fields)


def overhead(steps: int = 2000, every: int | None = None) -> float:
    """Return the time in ``Monitor.update`` over that in training steps of an MLP-VAE 784–128–4, batches of 128.

    It is processor time, from which that of looking at the clock is taken off. By default the monitor looks at every
    eighth batch, as it does in a training of 4,000 steps.
    """
    training = Training(Case("overhead", "fashion-mnist", 4, 1.0, 1e-3, steps, hidden=128, batch=128), 0)
    monitor = Monitor([20.0, 12.0, 4.0, 3.0], beta=1.0, n_latents=4, total_steps=4000, every=every)
    spent, clock = np.zeros(3), time.process_time
    for _ in range(steps):
        begun = clock()
        mu, logvar = training.step()
        between = clock()
        monitor.update(mu, logvar)
        after = clock()
        spent += between - begun, after - between, clock() - after
    return float((spent[1] - spent[2]) / (spent[0] - spent[2]))


def share(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return how many trainings passed, their share with its exact 95 % interval, and how many were exact.

    >>> share([])["of"]
    0
    """
    passed = sum(one.passed for one in outcomes)
    found = {"passed": passed, "of": len(outcomes), "exact": sum(one.exact for one in outcomes)}
    if not outcomes:
        return {**found, "share": 0.0, "low": 0.0, "high": 1.0}
    interval = binomtest(passed, len(outcomes)).proportion_ci()
    return {**found, "share": passed / len(outcomes), "low": float(interval.low), "high": float(interval.high)}


def _print(outcomes: Sequence[Outcome], shares: dict[str, dict[str, float]], cost: dict[str, float]) -> None:
    out = console()
    for case, group in groupby(outcomes, lambda one: f"{one.case.name}, {one.case.data}"):
        words = ("collapsed at a tenth", "ended collapsed", "named in time")
        table = columns(case, "seed", *words, "seconds", "", words=(*words, ""))
        for one in group:
            sets = (", ".join(map(str, latents)) or "none" for latents in (one.at_a_tenth, one.collapsed, one.named))
            table.add_row(str(one.seed), *sets, f"{one.seconds:.0f}", "" if one.passed else "failed")
        out.print(table)
    for one in outcomes:
        if not one.passed:
            out.print(f"{one.case.name}, seed {one.seed}:", *one.alerts, sep="\n  ")
    for name, found in shares.items():
        out.print(f"{name}: {found['passed']} of {found['of']} passed, {found['share']:.1%} "
                  f"({found['low']:.1%} to {found['high']:.1%}, 95 %); "
                  f"{found['exact']} named exactly what ended collapsed")
    for name, value in cost.items():
        out.print(f"share of a training step, {name}: {value:.2%} (allowed {ALLOWED_OVERHEAD:.0%})")


def main(seeds: Annotated[int, typer.Option(help="trainings of each kind")] = 10,
         first_seed: Annotated[int, typer.Option(help="first of their seeds")] = 600,
         folder: Annotated[Path | None, typer.Option(help="where trainings are kept, to go on from there")] = None,
         as_json: AsJson = False) -> None:
    """Watch trainings that collapse and trainings that do not, and time the watching."""
    torch.set_num_threads(1)
    numbers = range(first_seed, first_seed + count("seeds", seeds))
    if folder is not None:
        writable_folder(folder)
    cost = {"default": overhead(), "every batch": overhead(every=1)}
    # All cases of some seeds before the next: what an interruption leaves is of every kind.
    parts = [numbers[begin : begin + STACKED] for begin in range(0, len(numbers), STACKED)]
    outcomes = [one for part in parts for case in CASES for one in watched(case, part, folder)]
    outcomes.sort(key=lambda one: CASES.index(one.case))
    groups = {"trainings that collapse": [one for one in outcomes if not one.case.healthy and one.counts],
              "healthy trainings": [one for one in outcomes if one.case.healthy]}
    shares = {name: share(group) for name, group in groups.items()}
    collapsing, healthy = (found["share"] for found in shares.values())
    passed = collapsing >= REQUIRED_SHARE and healthy == 1 and cost["default"] < ALLOWED_OVERHEAD
    rows = [{**asdict(one), "passed": one.passed, "exact": one.exact} for one in outcomes]
    finish({"overhead": cost, "shares": shares, "trainings": rows}, lambda: _print(outcomes, shares, cost),
           passed=passed, as_json=as_json)


if __name__ == "__main__":
    raise SystemExit(run_command(main))
