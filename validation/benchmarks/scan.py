"""``python -m validation.benchmarks.scan FOLDER``: one training for all β against networks trained at one β each.

Both are the same network on the same images. A network apart is trained in rounds until its loss falls no longer, the
scan for a number of epochs; both by Adam, the scan with its own batches and rate. The means of both are over all
images, or, where a share of them is held out, over that share: a network that can learn its images by heart is best
where the loss of others is lowest. What is done is kept in the folder, and the same command goes on from there.
"""

from __future__ import annotations

import dataclasses
import json
import math
import time
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from torch import Tensor, nn

import vaesym
from vaesym import inputs
from vaesym.commands import run_command
from vaesym.inputs import InputError
from vaesym.output import columns, console, replacing, writable_folder
from vaesym.practice.data.readers import load_data
from vaesym.practice.next_latent import ACTIVE
from vaesym.practice.scan import Scan
from vaesym.practice.scan.networks import preset
from vaesym.practice.scan.prepared import prepare
from vaesym.practice.scan.settings import HIDDEN, NETWORKS, checked
from vaesym.practice.scan.training import evaluate, tensors_of
from validation.study.command import AsJson, finish
from validation.study.threads import limited_threads

#: Shares by which the loss of the scan may be higher than that of networks trained apart, and by which total KL may
#: differ where the losses agree to the share below; there active latents agree within one. The latter are those of
#: convolutional networks and of the digits, where fewer samples judge.
ALLOWED, ALLOWED_OF_FEW, SAME_LOSS = (0.01, 0.05), (0.02, 0.1), 0.005
#: The cost is that of so many trainings apart of as many epochs, at most.
ALLOWED_COST = 2.0
#: A network apart is trained in rounds, the last of which lowers the loss by a smaller share than this.
FALLS = 0.002
_BETAS = "0.5,1,2,4,8,12,16"
_CHUNK = 5000


@dataclass(frozen=True)
class Case:
    """The data and the network of the comparison, and how both sides are trained."""

    data: str = "fashion-mnist"
    latents: int = 20
    network: str = "mlp"
    epochs: int = 120
    each: int = 20
    batch: int = 128
    samples: int | None = None
    held_out: float = 0.0

    @property
    def allowed(self) -> tuple[float, float]:
        """The shares of loss and KL by which the scan may be worse."""
        return ALLOWED_OF_FEW if self.network == "convolutional" or self.data == "digits" else ALLOWED

    def images(self) -> Tensor:
        """Return the images (P, N), float32."""
        loaded = load_data(self.data)
        return torch.from_numpy(loaded.array[: self.samples].astype(np.float32) * np.float32(loaded.scaling))


@dataclass(frozen=True)
class Outcome:
    """A network at one β: mean loss, total KL, active latents, and the processor's seconds of its training.

    The seconds of a scan that was interrupted are not known. Of a network trained apart ``losses`` are those after each
    round, of which it is the best.
    """

    beta: float
    seed: int
    loss: float
    kl: float
    active: int
    seconds: float | None
    epochs: int
    losses: tuple[float, ...] = ()


class Network(nn.Module):
    """The preset without any conditioning."""

    def __init__(self, case: Case, mean: Tensor) -> None:
        super().__init__()
        features, side, hidden = len(mean), math.isqrt(len(mean)), HIDDEN[case.network]
        shape = (1, side, side) if case.network == "convolutional" else None
        self.encoder, self.decoder = preset(shape, hidden, features, case.latents)
        with torch.no_grad():
            width = self.encoder(torch.zeros(1, features)).shape[1]
        self.heads, self.mean = nn.Linear(width, 2 * case.latents), mean

    def forward(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return half the squared error (B,) and the KL of each latent (B, M)."""
        mu, log = self.heads(self.encoder(x - self.mean)).chunk(2, -1)
        given = self.decoder(mu + noise * (log / 2).exp()) + self.mean
        return (x - given).square().sum(1) / 2, (mu.square() + log.expm1() - log) / 2


def apart(case: Case, x: Tensor, beta: float, seed: int) -> Outcome:
    """Train a network at one β alone until its loss falls no longer."""
    torch.manual_seed(seed)
    training, judging = (x[rows] for rows in _rows(case, seed))
    network = Network(case, training.mean(0))
    best, losses, seconds = (math.inf, 0.0, 0), [math.inf], 0.0
    while len(losses) == 1 or losses[-1] <= losses[-2] * (1 - FALLS):
        seconds += _round(case, network, training, beta)
        loss, kl = _measured(case, network, judging, beta)
        losses.append(loss)
        best = min(best, (loss, float(kl.sum()), int((kl > ACTIVE).sum())))
    return Outcome(beta, seed, *best, seconds, case.each * (len(losses) - 1), tuple(losses[1:]))


@lru_cache(maxsize=1)
def _rows(case: Case, seed: int) -> tuple[Any, Any]:
    """Return the rows to train on and those to judge by, as the scan splits them."""
    ready = prepare(case.images().numpy(), None, checked(case.latents, held_out=case.held_out, seed=seed))
    return ready.training, ready.held_out if case.held_out else ready.training


def _round(case: Case, network: Network, x: Tensor, beta: float) -> float:
    """Train by Adam with a rate that falls along half a cosine, and return the processor's seconds."""
    begun = time.process_time()
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)
    each = len(x) // case.batch
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, case.each * each)
    for _ in range(case.each):
        order = torch.randperm(len(x))
        for step in range(each):
            rows = order[step * case.batch : (step + 1) * case.batch]
            misfit, kl = network(x[rows], torch.randn(len(rows), case.latents))
            loss = (misfit + beta * kl.sum(1)).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return time.process_time() - begun


def _measured(case: Case, network: Network, x: Tensor, beta: float) -> tuple[float, Tensor]:
    """Return the mean loss over all images, with noise in pairs ±, and the KL of each latent (M,)."""
    misfits, kls = 0.0, torch.zeros(case.latents, dtype=torch.float64)
    random = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for part in x.split(_CHUNK):
            noise = torch.randn(len(part), case.latents, generator=random)
            found = [network(part, sign * noise) for sign in (1, -1)]
            misfits += sum(float(one[0].double().sum()) for one in found) / 2
            kls += found[0][1].double().sum(0)
    kl = kls / len(x)
    return misfits / len(x) + beta * float(kl.sum()), kl


@lru_cache(maxsize=1)
def scanned(case: Case, seed: int, folder: Path, *, gated: bool = True) -> Scan:
    """Return a scan, the one in the folder if it is there."""
    return vaesym.scan(case.images().numpy(), latents=case.latents, network=case.network, epochs=case.epochs,
                       seed=seed, held_out=case.held_out, gated=gated,
                       checkpoint=folder / f"scan-{gated}-{seed}.pt")


def _point(case: Case, seed: int, folder: Path, beta: float, seconds: float | None, *, gated: bool) -> dict[str, Any]:
    """Return what a scan does at a β over all images that judge, of which :meth:`vaesym.Scan.at` takes a part."""
    found = scanned(case, seed, folder, gated=gated)
    ready = found.ready
    unit = ready.observation.unit**2
    one = evaluate(found.models[0], tensors_of(ready, "cpu"), ready.held_out if case.held_out else ready.training,
                   math.log(beta / unit))
    kl = float(one.kl.sum())
    active = int((one.kl > ACTIVE).sum())
    return dataclasses.asdict(Outcome(beta, seed, one.misfit * unit + beta * kl, kl, active, seconds, case.epochs))


def _trained(case: Case, seed: int, folder: Path, *, gated: bool) -> dict[str, Any]:
    """Return full collapse of a scan, and the processor's seconds of its training, null if it was interrupted."""
    whole = not (folder / f"scan-{gated}-{seed}.pt").exists()
    begun = time.process_time()
    found = scanned(case, seed, folder, gated=gated)
    seconds = time.process_time() - begun
    return {"full_collapse": found.full_collapse, "seconds": seconds if whole else None}


def kept(file: Path, make: Any) -> Any:
    """Return what a file holds, made and written to it where there is none."""
    if not file.exists():
        value = make()
        with replacing(file) as scratch:
            scratch.write_text(json.dumps(value), encoding="utf-8")
    return json.loads(file.read_text(encoding="utf-8"))


def passed(scan: Outcome, other: Outcome, allowed: tuple[float, float] = ALLOWED) -> bool:
    """Return whether the scan is as good at a β as the network trained there alone.

    >>> one = Outcome(1.0, 0, 10.0, 2.0, 4, 1.0, 20)
    >>> passed(dataclasses.replace(one, loss=9.0, active=1), one), passed(dataclasses.replace(one, active=2), one)
    (True, False)
    """
    excess = scan.loss / other.loss - 1
    if abs(excess) > SAME_LOSS:
        return excess <= allowed[0]
    # Where next to nothing is sent, a share of it says nothing.
    near = abs(scan.kl - other.kl) <= max(allowed[1] * other.kl, ACTIVE)
    return near and abs(scan.active - other.active) <= 1


def compare(case: Case, betas: list[float], seeds: int, folder: Path, *, plain: bool) -> dict[str, Any]:
    """Return all outcomes, those in the folder as they are."""
    x = case.images()
    rows: list[dict[str, Any]] = []
    for seed in range(seeds):
        for side, gated in ({"scan": True, "scale and shift": False} if plain else {"scan": True}).items():
            name = folder / f"{side.replace(' ', '-')}-{seed}"
            whole = kept(name.with_suffix(".json"), partial(_trained, case, seed, folder, gated=gated))
            for beta in betas:
                make = partial(_point, case, seed, folder, beta, whole["seconds"], gated=gated)
                one = kept(name.with_name(f"{name.name}-{beta:g}.json"), make)
                rows.append({"side": side, "full_collapse": whole["full_collapse"], **one})
        for beta in betas:
            name = folder / f"apart-{beta:g}-{seed}.json"
            one = kept(name, lambda beta=beta, seed=seed: dataclasses.asdict(apart(case, x, beta, seed)))
            rows.append({"side": "apart", **one})
    return {"case": dataclasses.asdict(case), "rows": rows}


def judged(rows: list[dict[str, Any]], allowed: tuple[float, float] = ALLOWED) -> dict[str, Any]:
    """Return at each β and seed whether the scan passed, and its cost in trainings apart, means over β.

    The cost is that in trainings of as many epochs as the scan had; that in trainings of as many as these took, which a
    small loss at large β ends early, is given besides.
    """
    named = {field.name for field in dataclasses.fields(Outcome)}
    sides: dict[str, dict[tuple[float, int], Outcome]] = {"scan": {}, "apart": {}}
    for row in rows:
        if row["side"] in sides:
            one = Outcome(**{name: row[name] for name in named})
            sides[row["side"]][one.beta, one.seed] = one
    verdicts = {f"{beta:g}, seed {seed}": passed(one, sides["apart"][beta, seed], allowed)
                for (beta, seed), one in sides["scan"].items()}
    scan, apart = ([one for one in side.values() if one.seconds is not None] for side in sides.values())
    if not scan:
        return {"passed": verdicts, "cost": None, "cost_of_theirs": None}
    whole = _seconds(scan) / _seconds(apart)
    return {"passed": verdicts, "cost": whole * _epochs(apart) / _epochs(scan), "cost_of_theirs": whole}


def _seconds(side: list[Outcome]) -> float:
    return float(np.mean([one.seconds or math.nan for one in side]))


def _epochs(side: list[Outcome]) -> float:
    return float(np.mean([one.epochs for one in side]))


def main(folder: Annotated[Path, typer.Argument(help="where what is done is kept")],
         data: Annotated[str, typer.Option(help="as for vaesym advise")] = "fashion-mnist",
         latents: Annotated[int, typer.Option(help="of the network")] = 20,
         network: Annotated[str, typer.Option(help="mlp or convolutional")] = "mlp",
         betas: Annotated[str, typer.Option(help="list of β")] = _BETAS,
         epochs: Annotated[int, typer.Option(help="of the scan")] = 120,
         each: Annotated[int, typer.Option("--round", help="epochs of a round of a network trained apart")] = 20,
         seeds: Annotated[int, typer.Option(help="trainings of each kind")] = 3,
         samples: Annotated[int | None, typer.Option(help="the first so many alone")] = None,
         held_out: Annotated[float, typer.Option(help="share of the images not trained on, which judges")] = 0.0,
         threads: Annotated[int, typer.Option(help="of the processor")] = 2,
         plain: Annotated[bool, typer.Option("--plain", help="scan by scale and shift alone too")] = False,
         as_json: AsJson = False) -> None:
    """Compare a scan with networks trained apart, and exit with 1 where it is worse than allowed."""
    with limited_threads(threads):
        if network not in NETWORKS:
            raise InputError(f"network as one of {', '.join(NETWORKS)}", f"{network!r}", "choose one of them")
        case = Case(data, inputs.count("latents", latents), network, inputs.count("epochs", epochs),
                    inputs.count("round", each), samples=samples, held_out=checked(latents, held_out=held_out).held_out)
        try:
            wanted = [float(inputs.positive("betas", float(part))) for part in betas.split(",")]
        except ValueError as error:
            raise InputError("betas as a list 0.5,1,2", f"{betas!r}", "write numbers > 0") from error
        known = kept(writable_folder(folder) / "case.json", lambda: dataclasses.asdict(case))
        if known != dataclasses.asdict(case):
            raise InputError("a folder of this very comparison", f"{folder}, of {known}", "name another folder")
        found = compare(case, wanted, inputs.count("seeds", seeds), folder, plain=plain)
    verdict = judged(found["rows"], case.allowed)
    finish({**found, **verdict}, lambda: _print(found["rows"], verdict), as_json=as_json,
           passed=all(verdict["passed"].values()) and (verdict["cost"] or 0) <= ALLOWED_COST)


def _print(rows: list[dict[str, Any]], verdict: dict[str, Any]) -> None:
    table = columns(None, "β", "seed", "trained", "loss", "KL", "active", "s of processor", words=("trained",))
    for row in sorted(rows, key=lambda row: (row["beta"], row["seed"], row["side"])):
        table.add_row(f"{row['beta']:g}", str(row["seed"]), row["side"], f"{row['loss']:.3f}", f"{row['kl']:.3f}",
                      str(row["active"]), "" if row["seconds"] is None else f"{row['seconds']:.0f}")
    out = console()
    out.print(table)
    ends = {row["seed"]: row["full_collapse"] for row in rows if row["side"] == "scan"}
    out.print("full collapse of the scans: " + ", ".join(f"{end:.2f}" for end in ends.values()))
    failed = [name for name, good in verdict["passed"].items() if not good]
    out.print(f"failed at β = {'; '.join(failed)}" if failed else "passed at every β")
    if verdict["cost"] is not None:
        out.print(f"cost of a scan in trainings apart of as many epochs: {verdict['cost']:.2f} (allowed "
                  f"{ALLOWED_COST:g}), of as many as these took: {verdict['cost_of_theirs']:.2f}")


if __name__ == "__main__":
    raise SystemExit(run_command(main))
