"""Straight-line programs of SymPy expressions: choices without branches, loops of known length, derivatives.

A formula that is solved by Newton, or that differs from phase to phase, is no single expression. As a program it is
still one text, printed for every backend and differentiated statement by statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp


class Where(sp.Function):
    """``Where(test, a, b)`` is a where test > 0, and b elsewhere, also where the test is NaN.

    Arrays compute both sides: the one that is thrown away must be finite too, or its derivative spoils the other.

    >>> x = sp.Symbol("x", real=True)
    >>> Where(x, x, -x).diff(x)
    Where(x, 1, -1)
    """

    nargs = 3

    @classmethod
    def eval(cls, *args: Any) -> Any:
        """Decide where the test is a number, or where there is nothing to choose."""
        test, chosen, other = args
        if chosen == other:
            return chosen
        if test.is_number and test.is_comparable:
            return chosen if test > 0 else other
        return None

    def _eval_is_real(self) -> Any:
        return True

    def _eval_derivative(self, s: Any) -> Any:
        sides: Any = self.args
        test, chosen, other = sides
        return Where(test, chosen.diff(s), other.diff(s))


@dataclass(frozen=True)
class Let:
    """``symbol`` stands for ``value`` from here on."""

    symbol: sp.Symbol
    value: Any


@dataclass(frozen=True)
class Repeat:
    """``symbol`` starts at ``start`` and is replaced ``times`` times by ``following``, which may contain it.

    For iterations that converge quadratically: numbers of higher precision get more repetitions, and no derivative
    flows through. One step as a :class:`Let` after it makes the first derivative that of the implicit function
    theorem, a second step the second derivative.
    """

    symbol: sp.Symbol
    start: Any
    following: Any
    times: int


Statement = Let | Repeat


@dataclass(frozen=True)
class Program:
    """Statements in order, and the results by name.

    Every symbol is defined once, before it is used; ``results`` maps a name to an expression of arguments and symbols.

    Raises
    ------
    ValueError
        If a symbol is defined twice, or used before its definition.
    """

    statements: tuple[Statement, ...]
    results: Mapping[str, Any]

    def __post_init__(self) -> None:
        symbols = [statement.symbol for statement in self.statements]
        late: set[Any] = set(symbols)
        for statement in self.statements:
            if statement.symbol not in late:
                raise ValueError(f"expected every symbol defined once; received {statement.symbol} twice; rename one")
            early = late & _used(statement)
            if early:
                raise ValueError(f"expected definitions before use; received {sorted(map(str, early))} used by "
                                 f"{statement.symbol}; reorder the statements")
            late.discard(statement.symbol)

    def pruned(self) -> Program:
        """Return the program without the statements that no result needs."""
        needed = {symbol for value in self.results.values() for symbol in sp.sympify(value).free_symbols}
        kept: list[Statement] = []
        for statement in reversed(self.statements):
            if statement.symbol in needed:
                kept.append(statement)
                needed |= _used(statement)
        return Program(tuple(reversed(kept)), self.results)

    def arguments(self) -> set[sp.Symbol]:
        """Return the symbols that must be given."""
        program = self.pruned()
        used = {symbol for value in self.results.values() for symbol in sp.sympify(value).free_symbols}
        used |= {symbol for statement in program.statements for symbol in _used(statement)}
        return used - {statement.symbol for statement in program.statements}

    def inlined(self) -> dict[str, Any]:
        """Return the results with every definition put in; for proofs. Programs with a loop are refused."""
        values: dict[Any, Any] = {}
        for statement in self.pruned().statements:
            if isinstance(statement, Repeat):
                raise ValueError(f"expected no loop; received one for {statement.symbol}; inline up to the loop")
            values[statement.symbol] = sp.sympify(statement.value).xreplace(values)
        return {name: sp.sympify(value).xreplace(values) for name, value in self.results.items()}

    def derivatives(self, arguments: Mapping[str, sp.Symbol], results: Iterable[str] | None = None) -> Program:
        """Return the program whose results ``d<result>_D_<argument>`` are total derivatives, by the forward chain rule.

        Loops have derivative zero.

        >>> x, y = sp.symbols("x y")
        >>> square = Program((Let(y, x**2),), {"z": y * x})
        >>> square.derivatives({"x": x}).inlined()
        {'dz_D_x': 3*x**2}
        """
        names = {symbol: name for name, symbol in arguments.items()}
        tangents: dict[Any, dict[Any, Any]] = {s: {s: sp.S.One} for s in names}
        statements: list[Statement] = []
        for statement in self.statements:
            statements.append(statement)
            if isinstance(statement, Repeat):
                continue
            slopes = _total(sp.sympify(statement.value), tangents)
            tangents[statement.symbol] = {}
            for s, slope in slopes.items():
                symbol = sp.Symbol(f"d{statement.symbol.name}_D_{names[s]}", real=True)
                statements.append(Let(symbol, slope))
                tangents[statement.symbol][s] = symbol
        chosen = list(self.results if results is None else results)
        totals = {result: _total(sp.sympify(self.results[result]), tangents) for result in chosen}
        moved = {f"d{result}_D_{names[s]}": total.get(s, sp.S.Zero) for result, total in totals.items() for s in names}
        return Program(tuple(statements), moved).pruned()


def _total(value: Any, tangents: Mapping[Any, Mapping[Any, Any]]) -> dict[Any, Any]:
    """Return the total derivatives of ``value`` that are not identically zero."""
    slopes: dict[Any, Any] = {}
    for symbol in sorted(value.free_symbols & set(tangents), key=str):
        partial = value.diff(symbol)
        for s, tangent in tangents[symbol].items():
            slopes[s] = slopes.get(s, sp.S.Zero) + partial * tangent
    return {s: slope for s, slope in slopes.items() if slope != 0}


def _used(statement: Statement) -> set[Any]:
    if isinstance(statement, Let):
        return set(sp.sympify(statement.value).free_symbols)
    inside = sp.sympify(statement.start).free_symbols | sp.sympify(statement.following).free_symbols
    return set(inside) - {statement.symbol}
