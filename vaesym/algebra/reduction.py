"""Try to bring an expression to exact zero."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterable
from functools import reduce
from operator import mul
from typing import Any, TypeVar

import sympy as sp
from flint import Ordering, fmpq, fmpq_mpoly_ctx

_Result = TypeVar("_Result")
#: Above this many operations, ``simplify`` is not tried.
_SIMPLIFY_OPERATIONS = 400
#: Above this exponent a power is left standing: multiplied out it would not fit into memory.
_LARGEST_POWER = 100


class LimitReached(BaseException):
    """Work was stopped at its time limit; no Exception, so that nothing on the way takes it for an error of its own."""


def limited(seconds: float, work: Callable[[], _Result]) -> _Result:
    """Return what the work returns, or stop it after some seconds; in any thread, and without signals.

    A call into compiled code is stopped when it returns.

    Raises
    ------
    LimitReached
        If the work took longer.

    Examples
    --------
    >>> limited(60, lambda: 6 * 7)
    42
    """
    worker, ended, lock = ctypes.c_ulong(threading.get_ident()), threading.Event(), threading.Lock()

    def watch() -> None:
        wait = seconds
        # Once may not be enough: an exception that strikes inside of a destructor is lost.
        while not ended.wait(wait):
            with lock:
                if not ended.is_set():
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(worker, ctypes.py_object(LimitReached))
            wait = 1.0

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return work()
    finally:
        with lock:
            ended.set()
            # What was sent and did not strike yet shall not strike later.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(worker, None)


def _canonical_logs(expression: Any) -> Any:
    """Split every logarithm into logarithms of irreducible factors."""
    return expression.replace(
        lambda node: isinstance(node, sp.log),
        lambda node: sp.expand_log(sp.log(sp.factor(sp.together(node.args[0])))),
    )


def _as_rational(node: Any, generators: dict[Any, Any]) -> Any:
    """Rebuild ``node`` with a generator for each outermost part that is no sum, product or whole power.

    Going down from the outside, a part that also stands inside of another one gets the same generator wherever it
    stands alone. Powers of one root share the generator of the root.
    """
    if node.is_Rational:
        return node
    if node.is_Symbol:
        return generators.setdefault(node, node)
    if node.is_Add or node.is_Mul:
        return node.func(*[_as_rational(part, generators) for part in node.args])
    if node.is_Pow and node.exp.is_Rational and abs(node.exp.p) <= _LARGEST_POWER:
        if node.exp.q == 1:
            return _as_rational(node.base, generators) ** node.exp
        root = node.base ** sp.Rational(1, node.exp.q)
        return generators.setdefault(root, sp.Dummy(f"g{len(generators)}")) ** node.exp.p
    return generators.setdefault(node, sp.Dummy(f"g{len(generators)}"))


class _Fractions:
    """Rational functions as pairs of polynomials, a numerator over a denominator that need not be in lowest terms.

    Only denominators that meet in a sum are freed of what they share: a numerator vanishes or not whatever it has in
    common with its denominator, and reducing it at every step is what such a check would spend its time on.
    """

    def __init__(self, generators: Iterable[Any]) -> None:
        symbols = list(generators)
        self._ring = fmpq_mpoly_ctx.get([f"x{i}" for i in range(len(symbols))], Ordering.degrevlex)
        self._one = self._ring.constant(1)
        self._known: dict[Any, tuple[Any, Any]] = {
            symbol: (polynomial, self._one) for symbol, polynomial in zip(symbols, self._ring.gens(), strict=True)}

    def pair(self, node: Any) -> tuple[Any, Any]:
        """Return numerator and denominator of a sum, product or whole power of the generators and numbers."""
        if node not in self._known:
            self._known[node] = self._computed(node)
        return self._known[node]

    def _computed(self, node: Any) -> tuple[Any, Any]:
        if node.is_Rational:
            return self._ring.constant(fmpq(int(node.p), int(node.q))), self._one
        if node.is_Add:
            return reduce(self._sum, map(self.pair, node.args))
        if node.is_Mul:
            pairs = [self.pair(factor) for factor in node.args]
            return reduce(mul, [n for n, _ in pairs]), reduce(mul, [d for _, d in pairs])
        numerator, denominator = self.pair(node.base)
        if node.exp > 0:
            return numerator ** int(node.exp), denominator ** int(node.exp)
        if not numerator:
            raise ZeroDivisionError(node)
        return denominator ** -int(node.exp), numerator ** -int(node.exp)

    def _sum(self, one: tuple[Any, Any], other: tuple[Any, Any]) -> tuple[Any, Any]:
        (a, b), (c, d) = one, other
        if b == d:
            return a + c, b
        rest = d / b.gcd(d)
        return a * rest + c * (b * rest / d), b * rest


def _vanishes_as_rational(expression: Any) -> bool:
    """Whether the expression is zero as a rational function of its symbols and other outermost parts.

    False means "not shown": what is no rational function is not zero as one.
    """
    if expression.has(sp.nan, sp.zoo):
        return False
    generators: dict[Any, Any] = {}
    rational = _as_rational(expression, generators)
    if rational.is_Rational:
        return bool(rational == 0)
    try:
        return not _Fractions(generators.values()).pair(rational)[0]
    except ZeroDivisionError:
        return False


def _is_small(expression: Any) -> bool:
    exponents = [power.exp for power in expression.atoms(sp.Pow)]
    if any(exponent.is_Rational and abs(exponent.p) > _LARGEST_POWER for exponent in exponents):
        return False
    return bool(sp.count_ops(expression) <= _SIMPLIFY_OPERATIONS)


def reduces_to_zero(expression: Any) -> bool:
    """Whether SymPy brings ``expression`` to exact zero; False means "not shown", not "not zero".

    >>> x = sp.Symbol("x", positive=True)
    >>> reduces_to_zero(sp.log(x**2 + x) - sp.log(x) - sp.log(1 + x))
    True
    """
    expression = sp.sympify(expression)
    if expression == 0:
        return True
    canonical = _canonical_logs(expression)
    if _vanishes_as_rational(canonical):
        return True
    return _is_small(canonical) and bool(sp.simplify(canonical) == 0)
