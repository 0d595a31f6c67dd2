"""The commands under one name, and what can be relied on: streams and exit codes.

Results go to standard output, progress and messages to standard error. Exit codes: 0 done, 2 bad input (one message
that says what was expected, what came and what to do), 3 a check that was asked for failed (advise
--fail-on-collapse), 130 interrupted. Each command imports what it uses when it
is called, so that no command waits for the libraries of another. JSON knows no infinity: an infinite value, such as
alpha of unlimited data and the free energy there, is the text "inf" or "-inf", and NaN is null.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

import vaesym
from vaesym.cli import advise, dynamics, explore, figures, problem, scan, solving, sparse
from vaesym.commands import run_command
from vaesym.inputs import InputError

#: Under which headings a command's help puts its options; those not named here come first.
_PANELS = {"advise": advise.PANELS}


class _Once(TyperCommand):
    """A command that refuses an option given twice, of which the parser would keep the last without a word."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        panels = {name: panel for panel, names in _PANELS.get(self.name or "", {}).items() for name in names}
        for parameter in self.params:
            if parameter.name in panels:
                parameter.rich_help_panel = panels[parameter.name]  # pyright: ignore[reportAttributeAccessIssue]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse as usual, after a look at what was given."""
        given = Counter(self.make_parser(ctx).parse_args(args=list(args))[2])
        for option, times in given.items():
            if times > 1 and not option.multiple and option.param_type_name == "option":
                raise InputError(f"{option.opts[0]} once", f"it {times} times", "keep one of them")
        return super().parse_args(ctx, args)


app = typer.Typer(name="vaesym", add_completion=False, pretty_exceptions_enable=False,
                  context_settings={"help_option_names": ["-h", "--help"]})


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


for _command in (advise.advise, scan.scan, solving.solve, solving.sweep, figures.phase, figures.curve, figures.rd,
                 figures.kl, figures.optimal_beta, figures.plateau, figures.spectrum, figures.bifurcation,
                 dynamics.dynamics, dynamics.online, sparse.sparse, problem.problem, explore.explore):
    # A paragraph is one line, so that the help breaks it to the width of the terminal.
    _paragraphs = inspect.cleandoc(_command.__doc__ or "").split("\n\n")
    # The parameters of a stated problem are known by the problem alone.
    _own = {"allow_extra_args": True, "ignore_unknown_options": True} if _command is problem.problem else None
    app.command(cls=_Once, context_settings=_own,
                help="\n\n".join(" ".join(text.split()) for text in _paragraphs))(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    >>> main(["--version"])
    vaesym 0.1.0
    0
    """
    return run_command(app, arguments, "vaesym")
