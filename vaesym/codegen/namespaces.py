"""What the printed array text calls its functions from: one namespace ``xp`` for NumPy, one for torch, one for mpmath.

Beside the functions of the package each has ``where``, ``positive(numbers)``, a test for it that is made once and
decides often, ``like(test, number)``, a number of the type of ``test``, ``maximum`` and ``minimum`` of any arguments,
NaN if one is, and ``repeated(following, start, times)``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache, cached_property, reduce
from types import SimpleNamespace
from typing import Any

import numpy as np

_SHARED = ("log", "log1p", "exp", "sign", "sqrt", "tanh", "where")


def _number(test: Any, number: Any) -> Any:
    del test
    return number


def _positive(numbers: Any) -> Any:
    return numbers > 0


def _repeated(following: Callable[[Any], Any], start: Any, times: int) -> Any:
    for _ in range(times):
        start = following(start)
    return start


class _Mask:
    """Where numbers are > 0."""

    def __init__(self, numbers: Any) -> None:
        self.test = numbers > 0

    @cached_property
    def bits(self) -> Any:
        """All 64 bits where the test holds, none elsewhere."""
        return -self.test.astype(np.int64)


def _where(test: Any, chosen: Any, other: Any) -> Any:
    """Return what ``np.where`` does; in a third of its time where a mask leaves each number or makes it 0."""
    if not isinstance(test, _Mask):
        return np.where(test, chosen, other)
    alike = isinstance(chosen, np.ndarray) and chosen.dtype in (np.float64, np.int64)
    if type(other) is int and other == 0 and alike and chosen.shape == test.test.shape:
        return (chosen.view(np.int64) & test.bits).view(chosen.dtype)
    return np.where(test.test, chosen, other)


def _numpy() -> SimpleNamespace:
    def special(name: str) -> Callable[[Any], Any]:
        def function(x: Any) -> Any:
            import scipy.special  # slow to import, and seldom needed

            return getattr(scipy.special, name)(x)

        return function

    shared = {name: getattr(np, name) for name in _SHARED} | {"where": _where, "positive": _Mask}
    return SimpleNamespace(**shared, abs=np.abs, like=_number, erf=special("erf"), erfc=special("erfc"),
                           maximum=lambda *values: reduce(np.maximum, values),
                           minimum=lambda *values: reduce(np.minimum, values), repeated=_repeated)


def _torch() -> SimpleNamespace:
    import torch

    def like(test: Any, number: Any) -> Any:
        # Of two plain numbers torch would make the default type, not that of the tensors.
        return torch.full_like(test, number)

    def repeated(following: Callable[[Any], Any], start: Any, times: int) -> Any:
        with torch.no_grad():  # What follows the loop carries the derivatives.
            return _repeated(following, start, times)

    def among(choose: Callable[[Any, Any], Any]) -> Callable[..., Any]:
        def function(*values: Any) -> Any:
            tensor = next(value for value in values if isinstance(value, torch.Tensor))
            return reduce(choose, [v if isinstance(v, torch.Tensor) else like(tensor, v) for v in values])

        return function

    shared = {name: getattr(torch, name) for name in (*_SHARED, "erf", "erfc")}
    return SimpleNamespace(**shared, abs=torch.abs, like=like, maximum=among(torch.maximum),
                           minimum=among(torch.minimum), repeated=repeated, positive=_positive)


def _mpmath() -> SimpleNamespace:
    import mpmath

    def repeated(following: Callable[[Any], Any], start: Any, times: int) -> Any:
        # The digits, which double each time, shall fill the working precision.
        return _repeated(following, start, times + max(0, mpmath.mp.prec.bit_length() - 6))

    def among(choose: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *values: next((value for value in values if value != value), choose(values))

    return SimpleNamespace(**vars(mpmath), abs=mpmath.fabs, like=_number, maximum=among(max), minimum=among(min),
                           repeated=repeated, positive=_positive)


#: The backends that run the array text.
NAMESPACES: dict[str, Callable[[], SimpleNamespace]] = {
    "numpy": cache(_numpy), "torch": cache(_torch), "mpmath": cache(_mpmath)}


class _Branches(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return ast.IfExp(*node.args) if ast.unparse(node.func) == "xp.where" else node


def with_branches(source: str, name: str) -> Callable[..., Any]:
    """Return the function of a text with every ``xp.where`` as a branch, for single numbers.

    The side that is not chosen may then be without a value, as 1/0 is for mpmath.
    """
    tree = ast.fix_missing_locations(_Branches().visit(ast.parse(source)))
    namespace: dict[str, Any] = {}
    exec(compile(tree, f"<generated {name} for mpmath>", "exec"), namespace)
    return namespace[name]
