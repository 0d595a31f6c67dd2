"""The figure of the chapter: where absolute values recover a sparse signal, solved once and recorded.

``python -m derivations.linear_vae.penalties.plate [FOLDER]`` solves it anew, in a few minutes on one core, and goes
on in the folder where it was stopped.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from derivations.frame.chapter import Plate

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

SHARE = 0.03
ALPHA, PENALTY = np.geomspace(0.15, 20, 31), np.geomspace(0.1, 8, 20)
BETA = (0.3, 0.5, 0.7, 0.85, 1.0)
_RECORD = Path(__file__).with_name("recovery.json")
_BEST = ("best_error", "best_deepest_error", "best_quadratic_error")


def best_over_beta(found: xr.Dataset) -> dict[str, Any]:
    """Return what the figure shows: the best kind of state and the least error over β, and the least errors."""
    error: Any = found.signal_recovery_error.where(found.recovery >= 2).min("beta").values.round(6)
    return {"recovery": found.recovery.max("beta").values.tolist(),
            "signal_recovery_error": [[None if np.isnan(value) else value for value in row] for row in error.tolist()],
            **{name: found[name].values.round(6).tolist() for name in _BEST}}


def recorded() -> xr.Dataset:
    """Return what was recorded, as the dataset that the figure takes."""
    import xarray as xr

    kept = json.loads(_RECORD.read_text(encoding="utf-8"))
    grid = {name: (("alpha", "beta", "penalty"), np.array(kept[name], dtype=float)[:, None])
            for name in ("recovery", "signal_recovery_error")}
    return xr.Dataset(grid | {name: ("alpha", np.array(kept[name])) for name in _BEST},
                      {"alpha": ALPHA, "beta": [np.nan], "penalty": PENALTY}, {"share": SHARE, "rho": 1.0, "eta": 1.0})


def draw() -> Figure:
    """Draw it."""
    from vaesym import figures

    return figures.sparse_recovery(recorded())


RECOVERY = Plate(
    "recovery", "end",
    rf"A signal whose entries are $\pm1/\sqrt\vartheta$ on a share $\vartheta={SHARE:g}$ and $0$ elsewhere, under "
    r"absolute values of both weights without weight decay ($\rho=\eta=1$). Left: the best state of any of the $\beta$ "
    rf"{', '.join(f'{beta:g}' for beta in BETA)} that knows the signal; all shown have a stable replica symmetry, and "
    r"deeper than collapse means less loss than it and than the copy of one coordinate. Inside the black line, whose "
    rf"steps are those of the grid of ${len(ALPHA)}\times{len(PENALTY)}$ points, its error is less than the least one "
    r"with weight decay, $\rho(1-o)$. Right: the least errors, over these $\beta$ and $\lambda_1$. "
    r"Left of the dotted line, $\alpha<\alpha_B$, blind states with a stable replica symmetry are stable against the "
    r"signal, \eqref{kinks:detection}. Overfitting states, which have none, are not compared.", draw, wide=True)


def main(arguments: list[str]) -> None:
    """Solve and record."""
    from vaesym.linear_vae.sparse.recovery import sparse_recovery

    store = arguments[0] if arguments else None
    found = sparse_recovery(ALPHA, beta=list(BETA), penalty=PENALTY, share=SHARE, store=store)
    _RECORD.write_text(json.dumps(best_over_beta(found)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
