"""Writes the statements of a program for one backend."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from vaesym.codegen.printers import PRINTERS
from vaesym.codegen.program import Let, Repeat, Statement
from vaesym.codegen.supported import local_name, require_supported, with_numbers


def scalar(part: Any) -> Any:
    """Return one entry of a result as an expression that can be lowered."""
    try:
        entry = sp.sympify(part, strict=True)
    except sp.SympifyError:
        entry = part
    if not isinstance(entry, sp.Expr) or isinstance(entry, (sp.MatrixBase, sp.MatrixExpr)):
        raise ValueError(f"expected an expression, a matrix or a flat sequence of expressions; received {part} of type "
                         f"{type(part).__name__} for one number; flatten the result or lower its parts one by one")
    require_supported(entry)
    return entry


class Writer:
    """Writes statements for one backend; parts that occur twice are computed once."""

    def __init__(self, backend: str, arguments: Mapping[str, sp.Symbol], statements: Sequence[Statement]) -> None:
        self.backend, self.printer = backend, PRINTERS[backend]()
        self.temporaries = sp.numbered_symbols("t")
        # Symbols are renamed to their argument names, so that names such as "lambda" can be printed.
        self.names = {symbol: sp.Symbol(argument) for argument, symbol in arguments.items()}
        taken = set(arguments)
        for statement in statements:
            local = local_name(statement.symbol.name, taken)
            taken.add(local)
            self.names[statement.symbol] = sp.Symbol(local)

    def program(self, statements: Sequence[Statement], results: Sequence[Any]) -> tuple[list[str], list[str]]:
        """Return the lines of all statements and the printed results; what several of them share is computed once.

        Each shared part comes just before the first line that needs it. Loops share only within themselves.
        """
        values = [scalar(statement.value) for statement in statements if isinstance(statement, Let)]
        common, printed = self._shared([*values, *results])
        waiting, prepared = dict(common), iter(printed)
        lines: list[str] = []
        known: dict[Any, Any] = {}

        def require(value: Any) -> str:
            for symbol in sorted(value.free_symbols & set(waiting), key=lambda s: int(s.name[1:])):
                if symbol in waiting:
                    part = waiting.pop(symbol)
                    lines.append(f"{symbol} = {require(part)}")
            return str(self.printer.doprint(value.xreplace(known)))

        for statement in statements:
            if not isinstance(statement, Let):
                lines += self._loop(statement)
                continue
            name, value = self.names[statement.symbol], next(prepared)
            if value in waiting:  # A definition that others share keeps its own name.
                known[value] = name
                value = waiting.pop(value)
            lines.append(f"{name} = {require(value)}")
        return lines, [require(value) for value in prepared]

    def _shared(self, parts: Sequence[Any]) -> tuple[list[tuple[Any, Any]], list[Any]]:
        prepared = [sp.sympify(part) for part in parts]
        if not self.printer.keeps_constants:
            prepared = [with_numbers(part) for part in prepared]
        common, results = sp.cse([part.xreplace(self.names) for part in prepared], symbols=self.temporaries,
                                 order="canonical")
        return list(common), list(results)

    def _loop(self, statement: Repeat) -> list[str]:
        symbol = self.names[statement.symbol]
        lines, (start,) = self.program((), [scalar(statement.start)])
        body, (following,) = self.program((), [scalar(statement.following)])
        return lines + self.printer.repeated(str(symbol), start, body, following, statement.times)


def with_masks(arguments: Sequence[str], lines: Sequence[str], entries: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the lines of an array text and its results with each sign that decides twice or more tested once.

    >>> with_masks(["x"], ["y = xp.where(x > 0, 1, 2)"], ["xp.where(x > 0, y, 3)"])
    (['if_x = xp.positive(x)', 'y = xp.where(if_x, 1, 2)'], ['xp.where(if_x, y, 3)'])
    """
    text = "\n".join([*lines, *entries])
    tests: Counter[str] = Counter(re.findall(r"xp\.where\((\w+) > 0,", text))
    defined = {line.split(" = ")[0] for line in lines} | set(arguments)
    # Within a loop the name of what is repeated has another meaning in every round.
    often = [test for test, times in tests.items() if times > 1 and test in defined]
    masks = {test: local_name(f"if_{test}", set(re.findall(r"\w+", text)))
             for test in often if f"following({test})" not in text}

    def masked(line: str) -> str:
        return re.sub(r"xp\.where\((\w+) > 0,", lambda m: f"xp.where({masks[m[1]]}," if m[1] in masks else m[0], line)

    written = [f"{masks[name]} = xp.positive({name})" for name in arguments if name in masks]
    for line in lines:
        written.append(masked(line))
        name = line.split(" = ")[0]
        if name in masks:
            written.append(f"{masks[name]} = xp.positive({name})")
    return written, [masked(entry) for entry in entries]


def with_releases(lines: Sequence[str], entries: Sequence[str]) -> list[str]:
    """Return the lines of an array text with each name deleted after its last use.

    So a new array takes the memory of one that is done with, which is still in the processor's cache.

    >>> with_releases(["y = x + 1", "z = y**2"], ["z"])
    ['y = x + 1', 'z = y**2', 'del y']
    """
    own = {line.split(" = ")[0] for line in lines if re.match(r"\w+ = ", line)}
    used, inside = [], set()
    for line in lines:
        names = own.intersection(re.findall(r"\w+", line))
        # What is read inside a loop is used until the line after it, which runs the loop.
        within = line.startswith((" ", "def "))
        used.append(set() if within else names | inside)
        inside = inside | names if within else set()
    later = own.intersection(re.findall(r"\w+", "\n".join(entries)))
    written: list[str] = []
    for line, names in zip(reversed(lines), reversed(used), strict=True):
        dead = names - later
        later |= names
        written += [*[f"del {', '.join(sorted(dead))}"] * bool(dead), line]
    return written[::-1]
