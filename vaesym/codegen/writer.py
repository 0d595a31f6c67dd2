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

    def statements(self, statements: Sequence[Statement]) -> list[str]:
        """Return the lines of all statements; runs of definitions share their common parts."""
        lines: list[str] = []
        run: list[Let] = []
        for statement in [*statements, None]:
            if isinstance(statement, Let):
                run.append(statement)
                continue
            lines += self._definitions(run)
            run = []
            if statement is not None:
                lines += self._loop(statement)
        return lines

    def values(self, parts: Sequence[Any], lines: list[str]) -> list[str]:
        """Return the printed parts, after appending the lines of what they share."""
        common, results = self._shared(parts)
        lines += [f"{symbol} = {self.printer.doprint(value)}" for symbol, value in common]
        return [str(self.printer.doprint(result)) for result in results]

    def _shared(self, parts: Sequence[Any]) -> tuple[list[tuple[Any, Any]], list[Any]]:
        prepared = [sp.sympify(part) for part in parts]
        if not self.printer.keeps_constants:
            prepared = [with_numbers(part) for part in prepared]
        common, results = sp.cse([part.xreplace(self.names) for part in prepared], symbols=self.temporaries,
                                 order="canonical")
        return list(common), list(results)

    def _definitions(self, run: Sequence[Let]) -> list[str]:
        """Each shared part comes just before the first definition that needs it."""
        common, results = self._shared([scalar(statement.value) for statement in run])
        waiting, lines = dict(common), []

        def require(value: Any) -> None:
            for symbol in sorted(value.free_symbols & set(waiting), key=lambda s: int(s.name[1:])):
                if symbol in waiting:
                    part = waiting.pop(symbol)
                    require(part)
                    lines.append(f"{symbol} = {self.printer.doprint(part)}")

        for statement, result in zip(run, results, strict=True):
            require(result)
            lines.append(f"{self.names[statement.symbol]} = {self.printer.doprint(result)}")
        return lines

    def _loop(self, statement: Repeat) -> list[str]:
        symbol = self.names[statement.symbol]
        lines: list[str] = []
        body: list[str] = []
        (start,) = self.values([scalar(statement.start)], lines)
        (following,) = self.values([scalar(statement.following)], body)
        return lines + self.printer.repeated(str(symbol), start, body, following, statement.times)


def with_masks(arguments: Sequence[str], lines: Sequence[str], entries: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the lines of an array text and its results with each sign that decides twice or more tested once.

    >>> with_masks(["x"], ["y = xp.where(x > 0, 1, 2)"], ["xp.where(x > 0, y, 3)"])
    (['if_x = x > 0', 'y = xp.where(if_x, 1, 2)'], ['xp.where(if_x, y, 3)'])
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

    written = [f"{masks[name]} = {name} > 0" for name in arguments if name in masks]
    for line in lines:
        written.append(masked(line))
        name = line.split(" = ")[0]
        if name in masks:
            written.append(f"{masks[name]} = {name} > 0")
    return written, [masked(entry) for entry in entries]
