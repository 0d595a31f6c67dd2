"""The command line: ``vaesym solve | sweep | phase | curve | rd | advise``.

Results go to standard output, progress and messages to standard error. Exit codes: 0 done, 2 bad input (one message
that says what was expected, what came and what to do), 130 interrupted. Each command imports what it uses when it
is called, so that no command waits for the libraries of another.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

import vaesym
from vaesym.inputs import InputError

app = typer.Typer(name="vaesym", add_completion=False, pretty_exceptions_enable=False,
                  context_settings={"help_option_names": ["-h", "--help"]})

_GRID = "a number, a list 0.5,1,2 or a range start:stop:count[:log]"
_FILE = "figure (.png, .pdf, .svg) or data (.nc, .csv) to write"

Lam = Annotated[float, typer.Option(help="weight decay of decoder and encoder, >= 0")]
Rho = Annotated[float, typer.Option(help="strength of the signal, > 0")]
Eta = Annotated[float, typer.Option(help="strength of the noise, > 0")]
Latents = Annotated[int, typer.Option(help="latents of the model")]
Spikes = Annotated[int, typer.Option(help="signals in the data")]
Json = Annotated[bool, typer.Option("--json", help="print JSON instead")]
Output = Annotated[str | None, typer.Option(help=_FILE, metavar="FILE")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="replace the file if it exists")]
AlphaSpec = Annotated[str, typer.Option(help="samples per dimension P/N: " + _GRID, metavar="SPEC")]
BetaSpec = Annotated[str, typer.Option(help="weight of the KL term, likewise", metavar="SPEC")]
LamSpec = Annotated[str, typer.Option(help="weight decay, likewise", metavar="SPEC")]
RhoSpec = Annotated[str, typer.Option(help="strength of the signal, likewise", metavar="SPEC")]
EtaSpec = Annotated[str, typer.Option(help="strength of the noise, likewise", metavar="SPEC")]


@app.callback(invoke_without_command=True)
def options(context: typer.Context,
            version: Annotated[bool, typer.Option("--version", help="print the version and exit")] = False) -> None:
    """The exact theory of linear beta-VAEs: posterior collapse, phases and optimal beta."""
    if version:
        typer.echo(f"vaesym {vaesym.__version__}")
        raise typer.Exit()
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit(2)


@app.command()
def solve(alpha: Annotated[float, typer.Option(help="samples per dimension P/N, > 0")],
          beta: Annotated[float, typer.Option(help="weight of the KL term, > 0")],
          lam: Lam, rho: Rho = 1.0, eta: Eta = 1.0, latents: Latents = 1, spikes: Spikes = 1,
          branches: Annotated[bool, typer.Option("--branches", help="add all stationary points of one latent")] = False,
          as_json: Json = False) -> None:
    """Solve the model exactly at one point, and print every observable.

    Example: vaesym solve --alpha 2 --beta 1 --lam 1
    """
    import numpy as np

    from vaesym import records, sweep, theory
    from vaesym.output import print_json

    sweep.check_counts(latents, spikes)
    with np.errstate(all="ignore"):  # a field that overflows is refused below
        solution = theory.solve(alpha, beta, lam=lam, rho=rho, eta=eta, latents=latents, spikes=spikes)
        record = records.solution_record(solution)
        points = theory.saddle_points(alpha, beta, lam=lam, rho=rho, eta=eta) if branches else None
    if points is not None:
        record["branches"] = records.branch_records(points)
        record["branches_failure"] = records.branch_failure(points)
    from vaesym.tables import print_solution

    (print_json if as_json else print_solution)(record)


@app.command()
def sweep(alpha: AlphaSpec, beta: BetaSpec, lam: LamSpec,
          output: Annotated[str, typer.Option(help="file to write: .nc (NetCDF) or .csv", metavar="FILE")],
          rho: RhoSpec = "1", eta: EtaSpec = "1", latents: Latents = 1, spikes: Spikes = 1,
          overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Solve on a grid of parameters, and write a file, whole or not at all.

    The dimensions of a NetCDF file are alpha, beta, lam, rho, eta and, if there are
    several, latent; one value is a dimension of length 1. CSV: one row a point.

    Example: vaesym sweep --alpha 1:10:50:log --beta 0.5,1 --lam 0.1 --output grid.nc
    """
    from vaesym import sweep as sweeps
    from vaesym.output import console, output_path, print_json
    from vaesym.tables import point_progress

    sweeps.check_counts(latents, spikes)
    target = output_path(output, sweeps.SUFFIXES, overwrite=overwrite)
    specs = {"alpha": alpha, "beta": beta, "lam": lam, "rho": rho, "eta": eta}
    grid = sweeps.Grid({name: sweeps.axis(name, spec) for name, spec in specs.items()}, latents, spikes)
    with point_progress(grid.size) as advance:
        summary = sweeps.write(grid, target, advance, vaesym.__version__)
    shape = dict(zip(specs, grid.shape, strict=True))
    if as_json:
        print_json({"output": str(target), "points": summary.points, "shape": shape, "latents": latents,
                    "spikes": spikes, "phases": summary.phases, "not_finite": summary.not_finite})
        return
    out = console()
    out.print(f"{summary.points:,} points ({_listed(shape)}) written to", output, soft_wrap=True)
    out.print(f"latents in each phase: {_listed({name.lower(): n for name, n in summary.phases.items()})}")
    if summary.not_finite:
        out.print(f"warning: values that overflowed float64, NaN or infinite in the file: {summary.not_finite:,}")


@app.command()
def phase(lam: Lam, output: Annotated[str, typer.Option(help=_FILE, metavar="FILE")],
          rho: Rho = 1.0, eta: Eta = 1.0, alpha: AlphaSpec = "0.05:50:200:log", beta: BetaSpec = "0.02:3:200",
          overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Draw the phase diagram over alpha and beta.

    Example: vaesym phase --lam 0.1 --output phases.png
    """
    from vaesym.plot import command
    from vaesym.sweep import axis

    command.phase(axis("alpha", alpha), axis("beta", beta), lam=lam, rho=rho, eta=eta, output=output,
                  overwrite=overwrite, as_json=as_json)


@app.command()
def curve(beta: BetaSpec, lam: LamSpec, output: Output = None, rho: Rho = 1.0, eta: Eta = 1.0,
          alpha: AlphaSpec = "0.05:100:400:log", overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Draw learning curves, one for each beta and lam: signal recovery error over alpha.

    Example: vaesym curve --beta 1 --lam 0,0.1,1 --output curve.png
    """
    from vaesym.plot import command
    from vaesym.sweep import axis

    command.curve(axis("alpha", alpha), axis("beta", beta), axis("lam", lam), rho=rho, eta=eta, output=output,
                  overwrite=overwrite, as_json=as_json)


@app.command()
def rd(alpha: AlphaSpec, lam: Lam = 0.0, output: Output = None, rho: Rho = 1.0, eta: Eta = 1.0,
       beta: Annotated[str | None, typer.Option(help="weight of the KL term, likewise; all of interest if not given",
                                                metavar="SPEC")] = None,
       overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Draw rate against distortion, fresh data and training set, a curve for each alpha.

    Example: vaesym rd --alpha 2,5,100 --lam 0.1 --output rd.png
    """
    from vaesym.plot import command
    from vaesym.sweep import axis

    command.rd(axis("alpha", alpha), None if beta is None else axis("beta", beta), lam=lam, rho=rho, eta=eta,
               output=output, overwrite=overwrite, as_json=as_json)


@app.command()
def advise(data: Annotated[str, typer.Argument(help="file .npy, .npz, .csv or IDX (also .gz), one row a sample; or "
                                               "digits, or fashion-mnist", metavar="DATA")],
           latents: Annotated[int | None, typer.Option(help="latents of the model; 10 if not given")] = None,
           beta: Annotated[float | None, typer.Option(help="weight of the KL term in your loss")] = None,
           raw: Annotated[bool, typer.Option("--raw", help="keep uint8 values, do not scale them to [0, 1]")] = False,
           reconstruction: Annotated[str, typer.Option(help="how your loss reduces the squared error over features: "
                                                       "sum or mean", metavar="HOW")] = "sum",
           kl: Annotated[str, typer.Option(help="how it reduces the KL over latents: sum or mean",
                                           metavar="HOW")] = "sum",
           reconstruction_weight: Annotated[float, typer.Option(help="weight of the squared error")] = 0.5,
           noise: Annotated[str, typer.Option(help="noise level from the median eigenvalue, or from those beyond a "
                                              "share of the variance, e.g. 0.9", metavar="HOW")] = "median",
           center: Annotated[bool, typer.Option("--center/--no-center", help="subtract the mean")] = True,
           plot: Annotated[str | None, typer.Option(help="also draw a figure: .png, .pdf or .svg",
                                                    metavar="FILE")] = None,
           overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Tell before training at which beta each latent collapses on your data.

    Example: vaesym advise digits --latents 2 --beta 170 --plot advice.png
    """
    from vaesym.advisor.command import run

    run(data, latents=latents, beta=beta, raw=raw, reconstruction=reconstruction, kl=kl,
        reconstruction_weight=reconstruction_weight, noise=noise, center=center, as_json=as_json, plot=plot,
        overwrite=overwrite)


def _listed(values: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {value:,}" for name, value in values.items())


def _explain(error: Exception) -> str:
    """Return the message for an error that bad input explains, empty for any other."""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, OSError):
        return str(InputError("files and streams that can be read and written", str(error), "check paths and space"))
    describe = getattr(error, "format_message", None)  # usage errors; Typer has moved their class between releases
    if describe is None:
        return ""
    command = getattr(getattr(error, "ctx", None), "command_path", "vaesym")
    fault = str(describe()).rstrip(".").replace("\n", " ")
    return str(InputError(f"the arguments of '{command}'", f"a wrong command line ({fault[:1].lower()}{fault[1:]})",
                          f"see '{command} --help'"))


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code: Any = app(args=arguments, prog_name="vaesym", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:  # the reader, such as head, has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code if isinstance(code, int) else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    >>> main(["--version"])
    vaesym 0.1.0
    0
    """
    # A stream that the caller has closed is None.
    sys.stdout, sys.stderr = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors="replace")  # Greek letters must not stop a command
    try:
        code = _run(arguments)
    except Exception as error:
        message = _explain(error)
        if not message:
            raise
        from vaesym.output import print_error

        print_error(message)
        return 2
    if code == 130:
        sys.stderr.write("Interrupted: no output file was written.\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
