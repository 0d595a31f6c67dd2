"""What all commands share, wherever they are: streams, messages of errors, and exit codes."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import typer

from vaesym.inputs import InputError
from vaesym.output import print_error, replace_unknown_letters


class Interrupted(Exception):
    """Work was interrupted by the user; the text says how it goes on."""


def _explain(error: Exception, name: str) -> str:
    """Return the message for an error of streams or arguments, empty for any other."""
    if isinstance(error, OSError):
        return str(InputError("files and streams that can be read and written", str(error), "check paths and space"))
    describe = getattr(error, "format_message", None)  # usage errors; Typer has moved their class between releases
    if describe is None:
        return ""
    command = getattr(getattr(error, "ctx", None), "command_path", name)
    fault = str(describe()).rstrip(".").replace("\n", " ")
    return str(InputError(f"the arguments of '{command}'", f"a wrong command line ({fault[:1].lower()}{fault[1:]})",
                          f"see '{command} --help'"))


def _started() -> str:
    """Return how Python was asked to run this."""
    spec = sys.modules["__main__"].__spec__
    return Path(sys.argv[0]).name if spec is None else f"python -m {spec.name.removesuffix('.__main__')}"


@cache
def _parser(command: typer.Typer | Callable[..., None]) -> Any:
    """Return what parses and runs all commands; to make it takes longer than most of them."""
    if isinstance(command, typer.Typer):
        return typer.main.get_command(command)
    app = typer.Typer(add_completion=False)
    app.command()(command)
    return typer.main.get_command(app)


def _run(command: typer.Typer | Callable[..., None], arguments: Sequence[str] | None, name: str) -> int:
    try:
        try:
            code: Any = _parser(command)(args=arguments, prog_name=name, standalone_mode=False)
        except InputError as error:
            print_error(str(error))
            code = 2
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:  # the reader, such as head, has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code if isinstance(code, int) else 0


def run_command(command: typer.Typer | Callable[..., None], arguments: Sequence[str] | None = None,
                name: str = "") -> int:
    """Run a command, or commands under one name, and return the exit code.

    It is 2 where input is refused, with one message on standard error, 130 where the command is interrupted, 1 where
    the reader of its output, such as ``head``, has left, else that of the command.

    Parameters
    ----------
    command : the commands, or the function that is the only one
    arguments : those of the command line if not given
    name : how it is called in messages, as it was started if not given

    >>> def double(number: int) -> None: print(2 * number)
    >>> run_command(double, ["21"])
    42
    0
    """
    # A stream that the caller has closed is None.
    sys.stdout, sys.stderr = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()
    replace_unknown_letters()  # Greek letters must not stop a command
    name = name or _started()
    try:
        code = _run(command, arguments, name)
    except Interrupted as stop:
        sys.stderr.write(f"Interrupted: {stop}.\n")
        return 130
    except Exception as error:
        message = _explain(error, name)
        if not message:
            raise
        print_error(message)
        return 2
    if code == 130:
        sys.stderr.write("Interrupted: no output file was written.\n")
    return code
