"""Write the shipped model's functions for every backend: ``python -m vaesym.linear_vae.program.generate [--check]``."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sympy as sp

from vaesym.codegen import Program, header, source_of
from vaesym.linear_vae.exact import collapse, fluctuations
from vaesym.linear_vae.program import enclosures, quantities, solution, stable
from vaesym.linear_vae.saddle import free_energy, stationarity
from vaesym.linear_vae.sample import random_matrix
from vaesym.linear_vae.statement.symbols import (
    ORDER_PARAMETERS,
    PARAMETERS,
    Q,
    alpha,
    api_names,
    beta,
    decoder_variance,
    eigenvalue,
    eta,
    lam,
    overlap,
    rho,
)

#: Where the generated modules live.
FOLDER = Path(__file__).resolve().parents[2] / "generated"
#: What is shipped: texts for arrays of every kind, compiled, for certificates and web pages; the table of quantities.
SHIPPED = ("arrays", "numba", "arb", "javascript", "quantities")
_NOTE = "Written by `python -m vaesym.linear_vae.program.generate`; do not edit. A test regenerates and compares it."
_HEADER = '''"""{title}

{note}
"""

{imports}BACKEND = "{backend}"
SHAPES = {shapes}
FIELDS = {fields}
DIFFERENTIABLE = {differentiable}


'''
_JAVASCRIPT_HEADER = """// {title}
// {note}

export const FIELDS = {fields};
export const DIFFERENTIABLE = {differentiable};

"""


def _arguments(*symbols: sp.Symbol) -> dict[str, sp.Symbol]:
    return dict(zip(api_names(list(symbols)), symbols, strict=True))


def shipped() -> dict[str, tuple[Any, Mapping[str, sp.Symbol], str]]:
    """Return name → (expression, arguments, one-line docstring) of every generated function."""
    replica = _arguments(*PARAMETERS, *ORDER_PARAMETERS)
    along, at_norm = _arguments(alpha, beta, lam, eigenvalue), _arguments(alpha, beta, lam, eigenvalue, Q)
    latent = _arguments(*PARAMETERS, decoder_variance, eigenvalue, overlap, Q)
    forms, moved = stable.observable_forms(), fluctuations.responses()
    return {
        "free_energy": (free_energy.free_energy(), replica, "Replica-symmetric free energy."),
        "stationarity": (stationarity.stationarity_equations(), replica, "Gradient of the free energy."),
        "stationarity_jacobian": (stationarity.stationarity_jacobian(), replica, "Hessian of the free energy."),
        "replicon": (stationarity.replicon(), replica, "The matrix chi G of the replicon condition."),
        "field_determinant": (
            stationarity.field_determinant(), replica, "Positive where the average over a sample exists."),
        "point": (solution.point(), solution.ARGUMENTS, f"Exact solution of a latent: {', '.join(solution.FIELDS)}."),
        "point_derivatives": (
            solution.derivatives(), solution.ARGUMENTS,
            "Derivatives of what point returns, but for the phase, each by every argument."),
        "stationary_point": (
            solution.stationary_point(), solution.ARGUMENTS | _arguments(eigenvalue, overlap, Q),
            "What point returns, but for the phase, at any stationary Q > 0 on an eigenvalue."),
        "minimiser": (solution.minimiser(), along, "Q of the global minimum of the potential, 0 if collapsed."),
        "outlier": (
            _stated(stable.outlier()), _arguments(alpha, rho, eta), "Outlier: eigenvalue, overlap, 1 - overlap."),
        "detection": (
            _stated(stable.detection()), _arguments(alpha, rho, eta), "Positive where the signal is detected."),
        "bulk_edge": (_stated(stable.bulk_edge()), _arguments(alpha, eta), "Upper edge of the noise spectrum."),
        "detection_threshold": (
            random_matrix.detection_threshold(), _arguments(rho, eta), "Samples per dimension to detect."),
        "collapse_threshold": (
            _stated(stable.collapse_threshold()), _arguments(alpha, lam, eigenvalue), "Least beta of stable collapse."),
        "cubic_coefficients": (_stated(stable.cubic_coefficients()), along, "Stationarity cubic in Q, over alpha."),
        "potential": (_stated(alpha * stable.potential()), at_norm, "Potential of one latent."),
        "observables": (
            _stated(tuple(forms.values())), latent, f"Of a latent, beyond collapse: {', '.join(forms)}."),
        "outlier_fluctuations": (
            _per_sample_covariance(), _arguments(alpha, rho, eta),
            "Over data sets, times P: variance of the outlier, its covariance with the overlap, variance of that."),
        "responses": (
            tuple(slope for pair in moved.values() for slope in pair), _arguments(*PARAMETERS, eigenvalue, overlap, Q),
            f"Slopes in (eigenvalue, overlap) on the outlier of {', '.join(moved)}."),
        "plateau_coefficients": (
            tuple(collapse.plateau_polynomial().all_coeffs()), _arguments(beta, lam, rho, eta),
            "Quadratic in alpha, positive where collapse is unstable."),
        "optimal_beta_coefficients": (
            _stated(stable.optimal_beta_coefficients()), _arguments(alpha, lam, rho, eta, eigenvalue),
            "Cubic in beta whose roots make Q = rho o stationary, on the outlier."),
    }


def _per_sample_covariance() -> tuple[Any, ...]:
    """The covariance of (Λ, o) times P, without its symmetric double."""
    entries = (fluctuations.signal_covariance() * fluctuations.samples).applyfunc(sp.cancel)
    return tuple(sp.factor(entries[place]) for place in ((0, 0), (0, 1), (1, 1)))


def _stated(form: Any) -> Program:
    """Return a form per sample as a program of the parameters themselves."""
    parts = form if isinstance(form, tuple) else (form,)
    return Program((*solution.PER_SAMPLE, solution.STIFFNESS), {str(i): part for i, part in enumerate(parts)})


def generate(target: str) -> str:
    """Return the source of the generated module of one of :data:`SHIPPED`."""
    if target == "quantities":
        return quantities.source(_NOTE)
    bodies, shapes = [], {}
    balls, backend = target == "arb", "mpmath" if target == "arrays" else target
    for name, (expression, arguments, doc) in (enclosures.shipped() if balls else shipped()).items():
        source, shape = source_of(name, expression, arguments, backend, doc)
        bodies.append(source)
        shapes[name] = shape
    head, imports = _JAVASCRIPT_HEADER if backend == "javascript" else _HEADER, header(backend, cached=True)
    return head.format(
        title="The shipped model as functions of arrays; ``xp`` is what a backend calls its functions."
        if target == "arrays" else f"The shipped model as {backend} functions.",
        backend="numpy" if target == "arrays" else backend, imports=f"{imports}\n\n" if imports else "", note=_NOTE,
        shapes="{\n" + "".join(f'    "{name}": {shape},\n' for name, shape in shapes.items()) + "}",
        fields=_listed(tuple(enclosures.observables()) if balls else solution.FIELDS),
        differentiable=_listed(() if balls else solution.DIFFERENTIABLE),
    ) + ("\n" if backend == "javascript" else "\n\n").join(bodies)


def _listed(names: tuple[str, ...]) -> str:
    return "[\n" + "".join(f'    "{name}",\n' for name in names) + "]" if names else "[]"


def path_of(backend: str) -> Path:
    """Return the path of the generated module of one backend."""
    name = backend if backend == "quantities" else f"for_{backend}"
    return FOLDER / f"{name}.{'mjs' if backend == 'javascript' else 'py'}"


def difference(backend: str) -> str:
    """Return a unified diff from the committed module to a fresh one; empty if they agree."""
    path = path_of(backend)
    committed = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = difflib.unified_diff(committed.splitlines(True), generate(backend).splitlines(True),
                                 str(path.name), "generated afresh")
    return "".join(lines)


def main(arguments: list[str]) -> int:
    """Write the modules, or with ``--check`` print how they differ and return 1."""
    parser = argparse.ArgumentParser("python -m vaesym.linear_vae.program.generate",
                                     description="Write the generated modules that differ from what the theory gives.")
    parser.add_argument("--check", action="store_true", help="write nothing; print the differences, exit with 1 if any")
    check, stale = parser.parse_args(arguments).check, False
    for backend in SHIPPED:
        changes = difference(backend)
        stale = stale or bool(changes)
        if changes and check:
            sys.stdout.write(changes)
        elif changes:
            path_of(backend).write_text(generate(backend), encoding="utf-8")
            sys.stdout.write(f"wrote {path_of(backend).name}\n")
    return int(stale and check)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
