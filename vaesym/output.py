"""What is shown and written: consoles, reports, tables, JSON, NetCDF, and files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from vaesym.inputs import InputError

if TYPE_CHECKING:
    import xarray as xr

#: Width of what is printed into a file or a pipe.
PLAIN_WIDTH = 80


def console(*, stderr: bool = False) -> Console:
    """Return the console of a standard stream; plain and 80 columns wide unless it is a terminal.

    >>> console().width >= 1
    True
    """
    # What is printed, names of files above all, is text and not markup.
    if (sys.stderr if stderr else sys.stdout).isatty():
        return Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=PLAIN_WIDTH,
                   force_terminal=False, color_system=None)


def as_text(show: Callable[[Console], object]) -> str:
    """Return what a function prints on a console, as plain text 80 columns wide.

    >>> as_text(lambda out: out.print("two", "words"))
    'two words'
    """
    out = _recorder()
    show(out)
    return "\n".join(line.rstrip() for line in out.export_text().splitlines())


def as_html(show: Callable[[Console], object]) -> str:
    """Return what a function prints on a console as a piece of HTML, for notebooks and pages.

    >>> as_html(lambda out: out.print("β < 1", style="bold"))
    '<pre style="line-height:normal"><span style="font-weight: bold">β &lt; 1</span>\\n</pre>'
    """
    out = _recorder()
    show(out)
    return out.export_html(inline_styles=True, code_format='<pre style="line-height:normal">{code}</pre>')


class Reported:
    """What has a report: as text it is the report of the command line, in notebooks the same as HTML.

    >>> class Threshold(Reported):
    ...     def _report(self, out: Console) -> None: out.print("β < 1")
    >>> print(Threshold())
    β < 1
    """

    def _report(self, out: Console) -> None:
        raise NotImplementedError

    def __str__(self) -> str:
        """Return the report of the command line, as plain text."""
        return as_text(self._report)

    def _repr_html_(self) -> str:
        return as_html(self._report)


def indented(words: str) -> Padding:
    """Return words that a console prints two columns to the right, in each of their lines.

    >>> as_text(lambda out: out.print(indented("two words")))
    '  two words'
    """
    return Padding(words, (0, 0, 0, 2), expand=False)


def columns(title: str | None, *headings: str, words: Sequence[str] = (), no_wrap: Sequence[str] = (),
            **options: Any) -> Table:
    """Return an empty table whose columns are of numbers but for those whose headings are in ``words``.

    Cells too long for a narrow terminal are broken, or in the columns of ``no_wrap`` end in an ellipsis; ``options``
    are those of :class:`rich.table.Table`.

    >>> [column.justify for column in columns("Speed", "solver", "points/s", words=("solver",)).columns]
    ['left', 'right']
    >>> [column.overflow for column in columns(None, "Q", "meaning", no_wrap=["Q"]).columns]
    ['ellipsis', 'fold']
    """
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False, **options)
    for heading in headings:
        table.add_column(heading, justify="left" if heading in words else "right", no_wrap=heading in no_wrap,
                         overflow="ellipsis" if heading in no_wrap else "fold")
    return table


def _recorder() -> Console:
    return Console(file=io.StringIO(), record=True, width=PLAIN_WIDTH, force_terminal=True, color_system="standard",
                   highlight=False, markup=False, emoji=False, legacy_windows=False)


def replace_unknown_letters() -> None:
    """Let standard streams that cannot show a letter, as Greek ones under some locales, show a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors="replace")


def print_json(value: Any) -> None:
    """Print one JSON value, floats in full precision.

    >>> print_json({"Q": 0.1})
    {
      "Q": 0.1
    }
    """
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False) + "\n")


def write_netcdf(dataset: xr.Dataset, path: Path) -> None:
    """Write a dataset as NetCDF 3, which needs no library beyond SciPy.

    >>> import tempfile
    >>> import xarray as xr
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_netcdf(xr.Dataset({"Q": 0.5}), Path(folder, "point.nc"))
    ...     Path(folder, "point.nc").read_bytes()[:3]
    b'CDF'
    """
    dataset.to_netcdf(path, engine="scipy", format="NETCDF3_64BIT")


def writable_folder(folder: Path) -> Path:
    """Return a folder in which files can be made, made if it is not there.

    Raises
    ------
    vaesym.InputError
        It cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("a folder that can be made", f"{folder}: {error.strerror}", "choose another") from error
    if not os.access(folder, os.W_OK):
        raise InputError("a folder that can be written", f"{folder}", "choose another")
    return folder


def print_error(message: str) -> None:
    """Write an error to standard error: between words broken to the width of a terminal, one line elsewhere."""
    text = f"Error: {message}"
    if sys.stderr.isatty():
        text = textwrap.fill(text, shutil.get_terminal_size().columns, subsequent_indent="  ",
                             break_long_words=False, break_on_hyphens=False)
    sys.stderr.write(f"{text}\n")


def output_path(name: str, suffixes: Sequence[str], *, overwrite: bool) -> Path:
    """Return the path of a file that is to be written, checked before any work is done.

    Parameters
    ----------
    name : path of the file
    suffixes : endings that are known, in lower case, each with its dot
    overwrite : whether a file of this name may be replaced

    Raises
    ------
    vaesym.InputError
        Unknown ending, a missing or read-only folder, or a file that exists.

    Examples
    --------
    >>> output_path("grid.nc", [".nc", ".csv"], overwrite=True).name
    'grid.nc'
    """
    path = Path(name)
    if path.suffix.lower() not in suffixes:
        raise InputError(f"an output file ending in {' or '.join(suffixes)}", f"{name!r}",
                         f"name it e.g. {path.stem or 'result'}{suffixes[0]}")
    path = path.resolve()
    if not path.parent.is_dir():
        raise InputError("an output file in an existing folder", f"{name!r}", f"create the folder {path.parent}")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise InputError("an output file that can be written", f"{name!r}", "choose another name or folder")
    if path.exists() and not overwrite:
        raise InputError("an output file that does not exist yet", f"{name!r}",
                         "choose another name, or pass --overwrite to replace it")
    return path


@contextlib.contextmanager
def replacing(target: Path) -> Generator[Path, None, None]:
    """Yield a scratch path beside ``target``, renamed to it if the block ends and removed if the block fails.

    Raises
    ------
    vaesym.InputError
        The operating system refuses to write, as on a full disk.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder, "a.txt")) as scratch:
    ...         _ = scratch.write_text("whole")
    ...     [path.name for path in Path(folder).iterdir()]
    ['a.txt']
    """
    scratch = target.with_name(f".vaesym-{os.getpid()}.part{target.suffix}")
    try:
        scratch.touch()
        yield scratch
        os.replace(scratch, target)
    except OSError as error:
        raise InputError("an output file that can be written", f"{target}: {error.strerror or error}",
                         "choose another folder, or free space on the disk") from error
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink()
