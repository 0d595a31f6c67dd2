"""Try to bring an expression to exact zero."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import sympy as sp

from vaesym.algebra.fractions import LARGEST_POWER, Fractions, as_rational

_Result = TypeVar("_Result")
#: Above this many operations, ``simplify`` is not tried.
_SIMPLIFY_OPERATIONS = 400


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


def _vanishes_as_rational(expression: Any) -> bool:
    """Whether the expression is zero as a rational function of its symbols and other outermost parts.

    False means "not shown": what is no rational function is not zero as one.
    """
    if expression.has(sp.nan, sp.zoo):
        return False
    generators: dict[Any, Any] = {}
    rational = as_rational(expression, generators)
    if rational.is_Rational:
        return bool(rational == 0)
    try:
        return not Fractions(generators.values())(rational)
    except ZeroDivisionError:
        return False


def _is_small(expression: Any) -> bool:
    exponents = [power.exp for power in expression.atoms(sp.Pow)]
    if any(exponent.is_Rational and abs(exponent.p) > LARGEST_POWER for exponent in exponents):
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
