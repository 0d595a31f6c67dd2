"""Read tables of numbers in text: CSV and its kin, as pandas, R and spreadsheets write them."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from vaesym.inputs import InputError
from vaesym.practice.data.matrix import Array

ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
#: Rows on which header and index are judged.
_LOOKED_AT = 50
#: What pandas and others write for a value that is missing; "nan" is a number.
_MISSING = {"", "na", "n/a", "#n/a", "<na>", "null", "none", "?", "-"}

#: A number with a comma that can stand before decimals or between thousands.
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class _Dialect:
    separator: str
    decimal: str


def read_table(path: Path, header: bool | None = None, index: bool | None = None) -> tuple[Array, list[str]]:
    """Return the numbers of a table in text (samples × features), and notes on what was taken for what.

    Parameters
    ----------
    path : a file of one of :data:`ENDINGS`, in UTF-8, whose columns commas, semicolons or tabs separate
    header : whether the first row names the columns; None: it does where it holds words (and whole numbers beside
        them), whole numbers over columns of fractions, or the numbers 0 … N−1 over at least three columns
    index : whether the first column names the rows; None: it does where its header is empty, it holds words only, or
        it counts the rows from 0 or 1

    Raises :class:`vaesym.InputError`: a cell that is no number, rows of unequal length, or no numbers at all.

    >>> with __import__("tempfile").TemporaryDirectory() as folder:
    ...     _ = Path(folder, "x.csv").write_text(",0,1\\n0,0.5,1.5\\n1,2.5,3.5\\n")
    ...     read_table(Path(folder, "x.csv"))
    (array([[0.5, 1.5],
           [2.5, 3.5]]), ['header row skipped: ,0,1 (--no-header to keep it)', 'first column taken as the index of the \
rows and left out (--no-index to keep it)'])
    """
    dialect = _dialect(path)
    top = list(islice(_rows(path, dialect), _LOOKED_AT + 1))
    if not top:
        raise ValueError("a table without rows of numbers")
    first, below = top[0][1], [cells for _, cells in top[1:]]
    named = _is_header(first, below, dialect) if header is None else header
    sample = below if named else [first, *below]
    if not sample:
        raise ValueError("a table without rows of numbers")
    words = len(first) > 1 and ((named and not first[0]) or not any(_is_number(row[0], dialect) or _gap(row[0])
                                                                    for row in sample))
    left_out = words if index is None else index
    skipped = top[0][0] if named else 0
    array = _numbers(path, dialect, skipped, left_out)
    if index is None and not left_out and _counts(array, sample):
        array, left_out = np.ascontiguousarray(array[:, 1:]), True
    return array, _notes(dialect, first, named, left_out, _counted(first))


def _notes(dialect: _Dialect, first: list[str], named: bool, left_out: bool, counted: bool) -> list[str]:
    notes: list[str] = []
    if dialect != _Dialect(",", "."):
        notes.append(f"columns separated by {_SEPARATORS[dialect.separator]}"
                     + (", with decimal commas" if dialect.decimal == "," else ""))
    if named:
        notes.append(f"header row skipped: {dialect.separator.join(first)[:60]} (--no-header to keep it)")
    elif counted:
        notes.append("first row, which counts 0, 1, ..., taken as a sample (--header if it names the columns)")
    if left_out:
        notes.append("first column taken as the index of the rows and left out (--no-index to keep it)")
    return notes


def _open(path: Path) -> Any:
    return (gzip.open if path.name.lower().endswith(".gz") else open)(path, "rt", encoding="utf-8-sig", newline="")


def _dialect(path: Path) -> _Dialect:
    with _open(path) as stream:
        lines = list(islice((line for line in stream if line.strip()), 20))
    # A separator stands in every line; of two, that of more columns.
    counts = {mark: min((line.count(mark) for line in lines), default=0) for mark in _SEPARATORS}
    separator = max((";", "\t", ","), key=lambda mark: (counts[mark] > 0) * (counts[mark] if mark == "," else 1e9))
    if not any(counts.values()):
        separator = ","
    cells = "".join(lines[1:])
    decimal = separator != "," and "," in cells and "." not in cells
    # Between semicolons, where commas could not stand otherwise, they are decimal.
    commas = [cell for cell in re.split("[\\s\"]+", cells) if "," in cell] if decimal and separator == "\t" else []
    if commas and all(map(_EITHER.fullmatch, commas)):
        raise InputError("numbers that can be read in one way", f"{path} with numbers such as {commas[0]}, whose comma "
                         "may stand before decimals or between thousands", "save it without separators of thousands, "
                         "or with decimal points")
    return _Dialect(separator, "," if decimal else ".")


def _rows(path: Path, dialect: _Dialect) -> Iterator[Row]:
    """Yield the rows that are not empty, with the number of their line."""
    with _open(path) as stream:
        reader = csv.reader(stream, delimiter=dialect.separator, skipinitialspace=True)
        for row in reader:
            if any(cell.strip() for cell in row) or len(row) > 1:
                yield reader.line_num, [cell.strip() for cell in row]


def _is_number(cell: str, dialect: _Dialect) -> bool:
    try:
        float(cell.replace(dialect.decimal, "."))
    except ValueError:
        return False
    return "_" not in cell


def _gap(cell: str) -> bool:
    return cell.lower() in _MISSING


def _whole(cell: str) -> bool:
    return cell.isascii() and cell.isdigit()


def _counted(cells: list[str]) -> bool:
    """Return whether cells are 0, 1, 2, ..., perhaps after an empty one."""
    names = cells[1:] if cells and not cells[0] else cells
    return len(names) > 1 and names == [str(number) for number in range(len(names))]


def _is_header(first: list[str], below: list[list[str]], dialect: _Dialect) -> bool:
    numbers = [_is_number(cell, dialect) for cell in first]
    if not any(numbers):
        # A row of gaps names nothing.
        return not all(map(_gap, first))
    rest = first[1:]
    if not all(numbers):
        # Words beside whole numbers are names too, unless each row begins with its own.
        named = all(_is_number(row[0], dialect) for row in below) or not first[0]
        names = [cell for cell, number in zip(first, numbers, strict=True) if number]
        return (bool(below) and named and not numbers[0] and not first[0][:1].isdigit() and all(rest)
                and all(map(_whole, names)) and len(set(names)) == len(names))
    if not below or not all(map(_whole, first)) or len(set(first)) < len(first):
        return False
    return (_counted(first) and len(first) > 2) or _fractions(below, len(first))


def _fractions(below: list[list[str]], width: int) -> bool:
    """Return whether most columns hold fractions, as programs write them: with a point throughout."""
    if any(len(row) != width for row in below):
        return False
    columns = [[_whole(cell.lstrip("+-")) for cell in column if not _gap(cell)] for column in zip(*below, strict=True)]
    fractional = [not any(whole) for whole in columns]
    # A whole number among fractions tells of a program that leaves the point out.
    return sum(fractional) > width / 2 and all(any_of or all(whole) for any_of, whole in
                                               zip(fractional, columns, strict=True))


def _counts(array: Array, sample: list[list[str]]) -> bool:
    """Return whether the first column counts the rows, from 0 or from 1, in whole numbers."""
    if array.shape[1] < 2 or len(array) < 3 or not all(_whole(row[0]) for row in sample):
        return False
    return array[0, 0] in (0, 1) and bool((np.diff(array[:, 0]) == 1).all())


def _numbers(path: Path, dialect: _Dialect, skipped: int, left_out: bool) -> Array:
    with _open(path) as stream:
        lines = (line for line in islice(stream, skipped, None) if line.strip())
        if dialect.decimal == ",":
            lines = (line.replace(",", ".") for line in lines)
        try:
            # The column left out is read as zeros, so that rows of another length are noticed.
            array = np.loadtxt(lines, delimiter=dialect.separator, comments=None, ndmin=2, quotechar='"',
                               converters={0: lambda cell: 0.0} if left_out else None)
        except ValueError as error:
            what, remedy = _fault(path, dialect, skipped, left_out) or ("a number that NumPy cannot read", "")
            raise InputError("rows of numbers, separated by commas, semicolons or tabs", f"{path} with {what}",
                             remedy or "keep rows of equal length and of numbers, after at most one header row"
                             ) from error
    return np.ascontiguousarray(array[:, 1:]) if left_out else array


def _fault(path: Path, dialect: _Dialect, skipped: int, left_out: bool) -> tuple[str, str] | None:
    """Return what is wrong with the first faulty row, and what to do about it; None if nothing is."""
    width = first = 0
    for number, cells in _rows(path, dialect):
        if number <= skipped:
            width, first = width or len(cells), first or number
            continue
        width, first = width or len(cells), first or number
        if len(cells) != width:
            return f"{len(cells)} values in line {number} and {width} in line {first}", ""
        for column, cell in enumerate(cells[int(left_out) :], start=1 + left_out):
            if _gap(cell):
                ended = ", or the separator at the end of the lines" if not cell and column == width else ""
                return (f"a missing value, {cell!r} in line {number}, column {column}",
                        f"remove or impute those samples{ended}")
            if not _is_number(cell, dialect):
                return f"{cell[:40]!r} in line {number}, column {column}", ""
    return None
