"""``vaesym solve | sweep``: the exact solution at a point, and on a grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from vaesym.cli.frame import options
from vaesym.inputs import InputError


def solve(alpha: options.Alpha, beta: options.Beta, lam: options.Lam, rho: options.Rho = 1.0, eta: options.Eta = 1.0,
          decoder_variance: options.Variance = 1.0, latents: options.Latents = 1, spikes: options.Spikes = "1",
          backend: options.Backend = None,
          branches: Annotated[bool, typer.Option("--branches", help="add all stationary points of one latent that "
                                                 "learns a signal of strength rho")] = False,
          as_json: options.Json = False) -> None:
    """Solve the model exactly at one point, and print every observable.

    Example: vaesym solve --alpha 2 --beta 1 --lam 1
    """
    import numpy as np

    from vaesym import linear_vae
    from vaesym.cli.frame import specs
    from vaesym.cli.frame.tables import print_solution
    from vaesym.linear_vae.states import records
    from vaesym.output import print_json

    samples, model, signals = specs.number("alpha", alpha), specs.latents(latents), specs.spikes(spikes)
    if branches and (np.isinf(samples) or decoder_variance != 1):
        raise InputError("--branches with a finite alpha and a decoder variance of 1",
                         f"alpha = {samples:g} and a decoder variance of {decoder_variance:g}",
                         "pass beta and lam times the decoder variance instead, or leave --branches out")
    with np.errstate(all="ignore"):  # a field that overflows is refused below
        solution = linear_vae.solve(samples, beta, lam=lam, rho=rho, eta=eta, decoder_variance=decoder_variance,
                                    latents=model, spikes=signals, backend=backend)
        record = records.solution_record(solution)
        points = linear_vae.saddle_points(samples, beta, lam=lam, rho=rho, eta=eta) if branches else None
    if not isinstance(signals, int):
        record["spike_strengths"] = list(signals)
    if points is not None:
        record["branches"] = records.branch_records(points)
        record["branches_failure"] = records.branch_failure(points)
    (print_json if as_json else print_solution)(record)


def sweep(alpha: options.AlphaSpec, beta: options.BetaSpec, lam: options.LamSpec,
          output: Annotated[str, typer.Option(help="file to write: .nc (NetCDF) or .csv", metavar="FILE")],
          rho: options.RhoSpec = "1", eta: options.EtaSpec = "1", decoder_variance: options.VarianceSpec = "1",
          latents: options.Latents = 1, spikes: options.Spikes = "1", backend: options.Backend = None,
          overwrite: options.Overwrite = False, as_json: options.Json = False) -> None:
    """Solve on a grid of parameters, and write a file, whole or not at all.

    The dimensions of a NetCDF file are alpha, beta, lam, rho, eta, decoder_variance and,
    if there are several, latent; one value is a dimension of length 1. CSV: one row a
    point. At alpha = inf the free energy is -inf unless all latents collapse.

    Example: vaesym sweep --alpha 1:10:50:log --beta 0.5,1 --lam 0.1 --output grid.nc
    """
    from vaesym.cli.frame import specs
    from vaesym.cli.frame.tables import progress
    from vaesym.linear_vae.curves import sweep as sweeps
    from vaesym.linear_vae.point.evaluation import chosen_backend
    from vaesym.output import console, output_path, print_json

    model, signals = specs.latents(latents), specs.spikes(spikes)
    target = output_path(output, sweeps.SUFFIXES, overwrite=overwrite)
    given = {"alpha": alpha, "beta": beta, "lam": lam, "rho": rho, "eta": eta, "decoder_variance": decoder_variance}
    axes = {name: specs.axis(name, spec) for name, spec in given.items()}
    grid = sweeps.Grid(axes, model, signals, chosen_backend(backend, ()))
    with progress("solving", grid.size, "points") as advance:
        summary = sweeps.write(grid, target, advance)
    shape = dict(zip(given, grid.shape, strict=True))
    if as_json:
        print_json({"output": str(target), "points": summary.points, "shape": shape, "latents": latents,
                    "spikes": signals, "backend": grid.backend, "phases": summary.phases,
                    "not_finite": summary.not_finite})
        return
    out = console()
    sizes = {name: size for name, size in shape.items() if size > 1 or name != "decoder_variance"}
    out.print(f"{summary.points:,} points ({_listed(sizes)}) written to", output, soft_wrap=True)
    out.print(f"latents in each phase: {_listed({name.lower(): n for name, n in summary.phases.items()})}")
    if summary.not_finite:
        out.print(f"warning: values that overflowed float64, NaN or infinite in the file: {summary.not_finite:,}")


def _listed(values: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {value:,}" for name, value in values.items())
