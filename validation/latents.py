"""``python -m validation latents FOLDER``: active latents by linear theory, by a scan, and of networks trained apart.

The same networks at the same β, in shares of the largest eigenvalue Λ₁: as the linear theory counts them, as one scan
over all β does, and as networks of three seeds do that are trained at that β alone. Beside them one explanation of the
gap, from the data: a latent that is not active has to explain what the active ones leave, of which a curved decoder
leaves less than a plane. With the first A principal components for latents, that is the largest eigenvalue of the mean
of Cov(x | components), and a further latent is used while it exceeds β.

Data are scaled to a total variance of 64, which changes no share. What is done is kept in the folder, and the same
command goes on from there.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated, Any, cast

import numpy as np
import typer

from vaesym.inputs import Floats, InputError, require
from vaesym.output import columns, console, writable_folder
from vaesym.practice.next_latent import ACTIVE
from validation.study.command import AsJson, finish

#: Shares of Λ₁ at which networks are trained, and seeds.
SHARES, SEEDS = (0.025, 0.05, 0.1, 0.2, 0.4), (0, 1, 2)
#: Total variance of the data in units of the networks; folds and neighbours of the regression on components.
_TOTAL, _FOLDS, _NEIGHBOURS = 64.0, 5, 10
#: Images of Fashion-MNIST, and the principal components in which its networks are trained: no loss is changed but by
#: the variance that is left out.
_IMAGES, _COMPONENTS = 6000, 100
_BATCH, _RATE = 128, 2e-3


@dataclass(frozen=True)
class Case:
    """Networks of one kind on one data set; ``steps`` of those trained apart, the scan has half as many again."""

    data: str
    network: str
    latents: int
    hidden: tuple[int, ...] = (128,)
    steps: int = 3000

    @property
    def name(self) -> str:
        """What the results are kept under."""
        return f"{self.data}-{self.network}-{self.latents}"


CASES = (*(Case(data, "mlp", latents) for latents in (20, 8, 2, 64)
           for data in ("digits", "breast-cancer", "fashion-mnist") if (data, latents) != ("breast-cancer", 64)),
         *(Case("digits", "convolutional", latents, (16, 32)) for latents in (8, 20, 2)))


@lru_cache(maxsize=1)
def samples(name: str) -> Floats:
    """Return a data set (P, N), centred and of total variance 64, float32.

    >>> x = samples("breast-cancer")
    >>> x.shape, round(float(x.var(axis=0).sum()))
    ((569, 30), 64)
    """
    from sklearn.datasets import load_breast_cancer
    from sklearn.decomposition import PCA

    from vaesym.practice.data.readers import load_data

    if name == "breast-cancer":
        x: Any = load_breast_cancer(return_X_y=True)[0]
        x = x / x.std(axis=0)
    else:
        loaded = load_data(name)
        x = loaded.array[:_IMAGES].astype(np.float64) * loaded.scaling
    if x.shape[1] > _COMPONENTS:
        x = PCA(_COMPONENTS, random_state=0).fit_transform(x)
    x = x - x.mean(axis=0)
    return (x * np.sqrt(_TOTAL / x.var(axis=0).sum())).astype(np.float32)


def eigenvalues(x: Floats) -> Floats:
    """Return the spectrum of the covariance, largest first.

    >>> eigenvalues(np.array([[1.0, 0.0], [-1.0, 0.0]])).tolist()
    [1.0, 0.0]
    """
    return np.maximum(np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1], 0.0)


def left_over(x: Floats, most: int, least: float) -> Floats:
    """Return the largest eigenvalue of what the first A principal components leave, for A = 0 … most − 1.

    It is that of the mean of Cov(x | components), by nearest neighbours on samples that were left out, and never more
    than what a plane leaves. The first that is below ``least`` is the last.

    >>> t = np.random.default_rng(0).normal(size=2000)
    >>> left_over(np.stack([2 * t, t**2 - 1], axis=1), 2, 0.1).round(1).tolist()
    [4.0, 0.0]
    """
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.neighbors import KNeighborsRegressor

    vectors = np.linalg.eigh(np.cov(x.T, bias=True))[1][:, ::-1]
    parts, plane = x @ vectors, eigenvalues(x)
    found = [float(plane[0])]
    for known in range(1, min(most, x.shape[1])):
        if found[-1] <= least:
            break
        rest = parts[:, known:]
        guess: Any = cross_val_predict(KNeighborsRegressor(_NEIGHBOURS, weights="distance"), parts[:, :known], rest,
                                       cv=KFold(_FOLDS, shuffle=True, random_state=0))
        error = rest - guess.reshape(rest.shape)
        found.append(min(float(plane[known]), float(np.linalg.eigvalsh(error.T @ error / len(error))[-1])))
    return np.array(found)


def count(thresholds: Floats, beta: float) -> int:
    """Return how many latents are active: so many as exceed β before the first that does not.

    >>> count(np.array([4.0, 0.5, 2.0]), 1.0)
    1
    """
    return int(np.cumprod(thresholds > beta).sum())


def _row(case: Case, side: str, share: float, seed: int, kl: Floats, **others: float) -> dict[str, Any]:
    return {"data": case.data, "network": case.network, "latents": case.latents, "side": side, "share": share,
            "seed": seed, "active": int((np.asarray(kl) > ACTIVE).sum()), "kl": float(np.sum(kl)), **others}


def scanned(case: Case, seed: int) -> list[dict[str, Any]]:
    """Return what a scan finds at each β, with the linear theory of the same data."""
    import vaesym

    x = samples(case.data)
    top, rows = float(eigenvalues(x)[0]), []
    found = vaesym.scan(x, latents=case.latents, hidden=case.hidden, network=case.network, seed=seed, batch=_BATCH,
                        epochs=max(3 * case.steps * _BATCH // (2 * len(x)), 1), held_out=0.0,
                        beta_range=(0.8 * min(SHARES) * top, 1.2 * top))
    for share in SHARES:
        point = found.at(share * top)
        rows.append(_row(case, "scan", share, seed, point.kl, loss=point.loss))
        if point.linear is not None:
            rows.append(_row(case, "linear", share, seed, point.linear.kl, loss=point.linear.loss))
    return rows


def apart(case: Case) -> list[dict[str, Any]]:
    """Return what networks do that are trained at one β each, and what they leave for a further latent, over β."""
    import torch

    from validation.images.measures import next_latents
    from validation.images.networks import Architecture, Descent, Ensemble

    x = samples(case.data)
    top, side = float(eigenvalues(x)[0]), int(np.sqrt(x.shape[1]))
    kind, shape = ("mlp", (1, 1, x.shape[1])) if case.network == "mlp" else ("conv", (1, side, side))
    pairs = list(itertools.product(SHARES, SEEDS))
    descent = Descent(case.steps, min(_BATCH, len(x)), _RATE, threads=1)
    every = np.tile(np.arange(len(x)), (len(pairs), 1))
    ensemble = Ensemble(Architecture(kind, shape, case.latents, case.hidden), descent, torch.from_numpy(x), every,
                        [seed for _, seed in pairs])
    beta = torch.tensor([share * top for share, _ in pairs], dtype=torch.float32)
    for number in range(case.steps):
        ensemble.step(number, beta)
    left = cast("Floats", next_latents(ensemble)["conditional"][1])
    rows = []
    with torch.no_grad():
        for place, (network, (share, seed), kl) in enumerate(zip(ensemble.networks(), pairs, ensemble.kl(),
                                                                 strict=True)):
            noise = torch.randn(len(x), case.latents, generator=torch.Generator().manual_seed(0))
            misfit = sum(float(network(ensemble.images, sign * noise)[0].double().mean()) for sign in (1, -1)) / 2
            rows.append(_row(case, "apart", share, seed, kl, loss=misfit + share * top * float(kl.sum()),
                             next=float(left[place]) / (share * top)))
    return rows


def explained(case: Case) -> list[dict[str, Any]]:
    """Return how many latents the explanation counts at each β."""
    x = samples(case.data)
    found = left_over(x, case.latents, min(SHARES) * float(eigenvalues(x)[0]))
    return [{"data": case.data, "network": case.network, "latents": case.latents, "side": "curved", "share": share,
             "seed": 0, "active": count(found, share * found[0])} for share in SHARES]


def summary(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row for each network and β: counts and KL of each side, means over the seeds.

    >>> one = {"data": "d", "network": "mlp", "latents": 2, "share": 0.1, "seed": 0, "active": 2, "kl": 1.0}
    >>> summary([{**one, "side": "linear"}, {**one, "side": "apart", "active": 1}])[0]["active"]
    {'linear': 2.0, 'apart': 1.0}
    """
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        place = tuple(row[name] for name in ("data", "network", "latents", "share"))
        found.setdefault(place, {}).setdefault(row["side"], []).append(row)
    return [{**dict(zip(("data", "network", "latents", "share"), place, strict=True)),
             **{name: {side: float(np.mean([one[name] for one in group])) for side, group in sides.items()
                       if name in group[0]} for name in ("active", "kl", "loss", "next")}}
            for place, sides in found.items()]


def gaps(table: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return for each data set by how much each side's count differs from that of networks trained apart, on average.

    >>> gaps([{"data": "d", "network": "mlp", "active": {"linear": 3.0, "apart": 1.0}}])
    [{'data': 'd', 'network': 'mlp', 'linear': 2.0}]
    """
    found = []
    for data, network in dict.fromkeys((row["data"], row["network"]) for row in table):
        part = [row["active"] for row in table if (row["data"], row["network"]) == (data, network)]
        sides = [side for side in ("linear", "scan", "curved") if side in part[0]]
        found.append({"data": data, "network": network,
                      **{side: float(np.mean([abs(row[side] - row["apart"]) for row in part])) for side in sides}})
    return found


def best(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return at each β the network of the lowest loss, of any M, scanned or apart, and the counts for the largest M.

    The loss hardly depends on the count: networks that end with more latents than this one are not at their best.

    >>> one = {"data": "d", "network": "mlp", "latents": 2, "share": 0.1, "side": "apart", "loss": 3.0, "active": 2}
    >>> found = best([one, {**one, "latents": 8, "loss": 3.1, "active": 5}, {**one, "latents": 8, "side": "linear"}])
    >>> found[0]["active"], found[0]["latents"]
    (2, 2)
    """
    found = []
    for place in dict.fromkeys((row["data"], row["network"], row["share"]) for row in rows):
        part = [row for row in rows if (row["data"], row["network"], row["share"]) == place]
        least = min((row for row in part if row["side"] in ("apart", "scan")), key=lambda row: row["loss"])
        sides = {side: [row for row in part if row["side"] == side] for side in ("linear", "curved")}
        found.append({**dict(zip(("data", "network", "share"), place, strict=True)), "side": least["side"],
                      "latents": least["latents"], "active": least["active"], "loss": least["loss"],
                      **{side: max(group, key=lambda row: row["latents"])["active"] for side, group in sides.items()
                         if group}})
    return found


def latents(folder: Annotated[Path, typer.Argument(help="Where what is done is kept.")],
            only: Annotated[list[str] | None, typer.Option(help="Data sets: digits, breast-cancer, fashion-mnist; "
                                                                "repeatable.")] = None,
            as_json: AsJson = False) -> None:
    """Count active latents over beta: linear theory, a scan, networks trained apart; about an hour on one core."""
    require("torch", "training the models", "torch")
    unknown = [name for name in only or [] if name not in {case.data for case in CASES}]
    if unknown:
        raise InputError("data sets digits, breast-cancer or fashion-mnist", unknown[0], "choose among them")
    from validation.benchmarks.scan import kept
    from validation.study.threads import limited_threads

    writable_folder(folder)
    rows: list[dict[str, Any]] = []
    with limited_threads():
        parts = {"explained": explained, "apart": apart, **{f"scan-{seed}": partial(scanned, seed=seed)
                                                            for seed in SEEDS}}
        chosen = [case for case in CASES if not only or case.data in only]
        # One seed of all cases first, convolutions last: what an interruption leaves is a whole table.
        order = sorted(itertools.product(parts, chosen),
                       key=lambda one: (one[0] in ("scan-1", "scan-2"), one[1].network != "mlp"))
        for name, case in order:
            rows += kept(folder / f"{case.name}-{name}.json", partial(parts[name], case))
            console(stderr=True).print(f"{case.name} {name}")
    table = sorted(summary(rows), key=lambda row: (row["network"] != "mlp", row["data"], row["latents"]))
    finish({"cases": [dataclasses.asdict(case) for case in CASES], "rows": rows, "table": table, "gaps": gaps(table),
            "best": best(rows)}, lambda: _print(table, best(rows)), as_json=as_json)


def _print(table: Sequence[dict[str, Any]], lowest: Sequence[dict[str, Any]]) -> None:
    out, sides = console(), ("linear", "scan", "apart", "curved")
    for (data, network), rows in itertools.groupby(table, key=lambda row: (row["data"], row["network"])):
        out.print(f"\n{data}, {network}: active latents, and their KL in nats")
        drawn = columns(None, "M", "β/Λ₁", *sides, *(f"KL {side}" for side in sides[:3]), "Λ*/β")
        for row in rows:
            drawn.add_row(str(row["latents"]), f"{row['share']:g}", *(f"{row['active'][side]:.3g}" for side in sides),
                          *(f"{row['kl'][side]:.2f}" for side in sides[:3]), f"{row['next']['apart']:.2f}")
        out.print(drawn)
    for row in gaps(table):
        out.print(f"{row['data']}, {row['network']}: active latents differ from networks trained apart by "
                  + ", ".join(f"{row[side]:.2f} ({side})" for side in ("linear", "scan", "curved")), soft_wrap=True)
    for row in lowest:
        out.print(f"{row['data']}, {row['network']}, β/Λ₁ = {row['share']:g}: at the lowest loss {row['active']} of "
                  f"{row['latents']} active ({row['side']}); linear {row['linear']}, curved {row['curved']}",
                  soft_wrap=True)
