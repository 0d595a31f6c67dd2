"""Published learning curves of two Gaussian clusters, solved again.

B. Loureiro et al. (arXiv:2106.03791) keep theirs as CSV files, under ``K2mix/data/theory`` of the repository
IdePHICS/GaussMixtureProject. Centres are ±w*/√N with standard normal rows; a share ρ of the rows of a sample has noise
of variance Δ₁, the others Δ₂. These three and the penalty's weight are in the name of a file.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

from vaesym.engine import Status, solve_problem
from vaesym.inputs import Floats, InputError
from vaesym.problem import ClusterLabel, Data, Parameter, Planted, Problem, weight
from vaesym.problems import gaussian_mixture
from vaesym.problems.gaussian_mixture_classification import hinge, lam, square

#: Largest difference that counts as agreement.
ALLOWED = 1e-4
#: Columns of a file, and the names that they have here.
COMPARED = {"q": "Q", "m": "m", "V": "chi", "test_error": "classification_error", "train_loss": "training_loss"}
LOSSES = {"square": square, "logistic": gaussian_mixture.loss, "hinge": hinge}
PENALTIES = {"l2": lam * weight**2 / 2, "l1": lam * sp.Abs(weight)}
_SHARE, _FIRST, _SECOND = sp.symbols("width_share width_1 width_2", positive=True)
_BLOCKS = {"rho": "width_share", "delta1": "width_1", "delta2": "width_2"}


def clusters(loss: str, penalty: str) -> Problem:
    """Return the published problem with a loss and a penalty by their names in the files.

    >>> [parameter.name for parameter in clusters("hinge", "l2").parameters]
    ['lam', 'width_share', 'width_1', 'width_2']
    """
    rows = Planted(((_SHARE, 0, 1), (1 - _SHARE, 0, 1)), (_FIRST, _SECOND))
    return Problem(
        name="clusters", title="Two clusters, along some rows wider than along others", loss=LOSSES[loss],
        penalty=PENALTIES[penalty], data=Data(ClusterLabel(), rows, signal=sp.S.One),
        parameters=(Parameter(lam, "weight of the penalty"), Parameter(_SHARE, "share of the first rows", most=1.0),
                    Parameter(_FIRST, "variance of their noise"), Parameter(_SECOND, "variance of the others' noise")),
        source="arXiv:2106.03791")


@dataclass(frozen=True)
class Curve:
    """A published curve: its file's name, loss and penalty, its parameters and its columns."""

    name: str
    loss: str
    penalty: str
    given: dict[str, Any]
    alpha: Floats
    published: dict[str, Floats] = field(default_factory=dict[str, Floats])


def read_curve(path: Path) -> Curve:
    """Read a published curve.

    Raises :class:`vaesym.InputError`: no such file, a name without ρ, Δ₁ and Δ₂, a missing column, an unknown loss or
    penalty, clusters that are not of one size, or numbers that are none.
    """
    named = dict(re.findall(r"(rho|delta1|delta2)=([0-9.]+)(?=_|\.csv)", path.name))
    if set(named) != set(_BLOCKS):
        raise InputError("a file whose name says rho=, delta1= and delta2=", path.name, "keep the published names")
    try:
        with path.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        columns = {name: np.array([float(row[name]) for row in rows])
                   for name in ("sample_complexity", "lambda", "probability", "b", *COMPARED)}
        loss, penalty = ({row[name] for row in rows} for name in ("loss", "penalty"))
    except (OSError, UnicodeDecodeError, KeyError, ValueError, TypeError) as error:
        raise InputError("a published curve", f"{path} ({error!r})", "give the published files") from error
    if len(loss) != 1 or not loss <= set(LOSSES) or len(penalty) != 1 or not penalty <= set(PENALTIES):
        raise InputError(f"one loss of {', '.join(LOSSES)}, one penalty of {', '.join(PENALTIES)}",
                         f"{sorted(loss)} and {sorted(penalty)} in {path.name}", "give the published files")
    if (columns["probability"] != 0.5).any() or np.ptp(columns["lambda"]) > 0:
        raise InputError("clusters of one size and one weight of the penalty", path.name,
                         "leave the file out: here there is no bias, which vanishes only between equal clusters")
    given: dict[str, Any] = {_BLOCKS[key]: float(value) for key, value in named.items()}
    given["lam"] = float(columns["lambda"][0])
    # All rows alike is a share of 1, the end of its domain.
    given["width_share"] = min(given["width_share"], float(np.nextafter(1.0, 0.0)))
    published = {name: columns[name] for name in COMPARED}
    if loss == {"hinge"}:  # the published code leaves out a factor √q: E(a + √q x)₊ = √q [φ(a/√q) + a/√q Φ(a/√q)]
        published["train_loss"] = published["train_loss"] * np.sqrt(published["q"])
    return Curve(path.stem, loss.pop(), penalty.pop(), given, columns["sample_complexity"], published)


def compare(curve: Curve) -> dict[str, Any]:
    """Return the largest difference in each column and how many points are solved."""
    states = solve_problem(clusters(curve.loss, curve.penalty), alpha=curve.alpha, **curve.given)
    solved = states.status.values == Status.SOLVED
    gaps = {name: float(np.max(np.abs(states[ours].values - curve.published[name]), initial=0.0, where=solved))
            for name, ours in COMPARED.items()}
    agrees = bool(solved.all()) and max(gaps.values()) <= ALLOWED
    return {"curve": curve.name, "loss": curve.loss, "penalty": curve.penalty, "points": len(solved),
            "solved": int(solved.sum()), "gaps": gaps, "agrees": agrees}
