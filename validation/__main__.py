"""``python -m validation``: run the checks of the laboratory and print a table; its commands do longer work."""

from __future__ import annotations

import importlib.util
import time
from typing import Annotated

import typer
from rich.console import Console

from vaesym.commands import run_command
from vaesym.inputs import InputError
from vaesym.output import columns, console
from validation.agreement.command import agreement
from validation.images.command import images
from validation.latents import latents
from validation.problems.command import curves
from validation.study.published import published

#: The checks by their names, and their functions; what they need is imported when they run, not for a help.
_CHECKS = {"replica": "replica_against_random_matrix", "brute-force": "brute_force_against_exact",
           "training": "training_against_theory"}

app = typer.Typer(add_completion=False)
app.command()(published)
app.command()(curves)
app.command()(images)
app.command()(latents)
app.command()(agreement)


def _selected(only: list[str] | None, out: Console) -> list[str]:
    unknown = [name for name in only or [] if name not in _CHECKS]
    if unknown:
        raise InputError(f"checks among {', '.join(_CHECKS)}", f"{unknown[0]!r}", "choose one")
    names = list(only or _CHECKS)
    if "training" in names and importlib.util.find_spec("torch") is None:
        out.print("training is left out: torch is not installed (pip install 'vaesym[torch]')")
        names.remove("training")
    return names


@app.callback(invoke_without_command=True)
def main(context: typer.Context,
         only: Annotated[list[str] | None, typer.Option(help="replica, brute-force or training; repeatable.")] = None,
         ) -> None:
    """Confront the theory with itself, with brute force and with training."""
    if context.invoked_subcommand is None:
        check(only)


def check(only: list[str] | None) -> None:
    """Run the named checks, or all, print a table and exit with 0 if all passed, else 1."""
    from validation import checks

    out = console()
    table = columns("Validation", "check", "compared", "worst", "allowed", "measure", "s", words=("check", "measure"))
    passed = True
    for name in _selected(only, out):
        start = time.perf_counter()
        with out.status(f"running {name}"):
            result: checks.CheckResult = getattr(checks, _CHECKS[name])()
        passed &= result.passed
        seconds = time.perf_counter() - start
        table.add_row(result.name, str(result.compared), f"{result.worst:.1e}", f"{result.allowed:.0e}", result.unit,
                      f"{seconds:.0f}", style="green" if result.passed else "bold red")
        for key, value in result.details.items():
            out.print(f"  {key}: {value:.4g}")
    out.print(table)
    raise typer.Exit(0 if passed else 1)


if __name__ == "__main__":
    raise SystemExit(run_command(app))
