"""Write the shipped model's functions for every backend: ``python -m vaesym.model.lowering [--check]``."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sympy as sp

from vaesym.codegen import BACKENDS, source_of
from vaesym.model import collapse, free_energy, limits, random_matrix, stable, stationarity
from vaesym.model.symbols import (
    ORDER_PARAMETERS,
    PARAMETERS,
    Q,
    alpha,
    api_names,
    beta,
    eigenvalue,
    eta,
    lam,
    overlap,
    rho,
)

#: Where the generated modules live.
FOLDER = Path(__file__).resolve().parent.parent / "generated"
_HEADER = '''"""{title}

Written by `python -m vaesym.model.lowering`; do not edit. A test regenerates and compares it.
"""

import {backend}

BACKEND = "{backend}"
SHAPES = {shapes}


'''


def _arguments(*symbols: sp.Symbol) -> dict[str, sp.Symbol]:
    return dict(zip(api_names(list(symbols)), symbols, strict=True))


def shipped() -> dict[str, tuple[Any, Mapping[str, sp.Symbol], str]]:
    """Return name → (expression, arguments, one-line docstring) of every generated function."""
    replica = _arguments(*PARAMETERS, *ORDER_PARAMETERS)
    latent = _arguments(*PARAMETERS, eigenvalue, overlap, Q)
    forms = stable.observable_forms()
    return {
        "free_energy": (free_energy.free_energy(), replica, "Replica-symmetric free energy."),
        "stationarity": (stationarity.stationarity_equations(), replica, "Gradient of the free energy."),
        "stationarity_jacobian": (stationarity.stationarity_jacobian(), replica, "Hessian of the free energy."),
        "replicon": (stationarity.replicon(), replica, "The matrix chi G of the replicon condition."),
        "field_determinant": (
            stationarity.field_determinant(), replica, "Positive where the average over a sample exists."),
        "outlier": (stable.outlier(), _arguments(alpha, rho, eta), "Outlier: eigenvalue, overlap, 1 - overlap."),
        "bulk_edge": (random_matrix.bulk_edge(), _arguments(alpha, eta), "Upper edge of the noise spectrum."),
        "detection_threshold": (
            random_matrix.detection_threshold(), _arguments(rho, eta), "Samples per dimension to detect."),
        "collapse_threshold": (
            stable.collapse_threshold(), _arguments(alpha, lam, eigenvalue), "Least beta of stable collapse."),
        "cubic_coefficients": (
            stable.cubic_coefficients(), _arguments(alpha, beta, lam, eigenvalue), "Stationarity cubic in Q."),
        "potential": (
            stable.potential(), _arguments(alpha, beta, lam, eigenvalue, Q), "Potential of one latent."),
        "state": (stable.state(), _arguments(alpha, beta, lam, eigenvalue, overlap, Q), "E, R, m, d, D of a latent."),
        "observables": (
            tuple(forms.values()), latent, f"Of a latent, beyond collapse: {', '.join(forms)}."),
        "norm_excess": (
            stable.norm_excess(), _arguments(*PARAMETERS, eigenvalue, Q), "Q - rho o of an active latent."),
        "plateau_coefficients": (
            tuple(collapse.plateau_polynomial().all_coeffs()), _arguments(beta, lam, rho, eta),
            "Quadratic in alpha, positive where collapse is unstable."),
        "optimal_beta_coefficients": (
            limits.optimal_beta_coefficients(), _arguments(alpha, lam, eigenvalue, Q),
            "Cubic in beta whose roots make Q stationary."),
    }


def generate(backend: str) -> str:
    """Return the source of the generated module of one backend."""
    bodies, shapes = [], {}
    for name, (expression, arguments, doc) in shipped().items():
        source, shape = source_of(name, expression, arguments, backend, doc)
        bodies.append(source)
        shapes[name] = shape
    listed = "{\n" + "".join(f'    "{name}": {shape},\n' for name, shape in shapes.items()) + "}"
    title = f"The shipped model as {backend} functions."
    return _HEADER.format(title=title, backend=backend, shapes=listed) + "\n\n".join(bodies)


def path_of(backend: str) -> Path:
    """Return the path of the generated module of one backend."""
    return FOLDER / f"for_{backend}.py"


def difference(backend: str) -> str:
    """Return a unified diff from the committed module to a fresh one; empty if they agree."""
    path = path_of(backend)
    committed = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = difflib.unified_diff(committed.splitlines(True), generate(backend).splitlines(True),
                                 str(path.name), "generated afresh")
    return "".join(lines)


def main(arguments: list[str]) -> int:
    """Write the modules, or with ``--check`` print how they differ and return 1."""
    stale = False
    for backend in BACKENDS:
        changes = difference(backend)
        stale = stale or bool(changes)
        if changes and "--check" in arguments:
            sys.stdout.write(changes)
        elif changes:
            path_of(backend).write_text(generate(backend), encoding="utf-8")
            sys.stdout.write(f"wrote {path_of(backend).name}\n")
    return int(stale and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
