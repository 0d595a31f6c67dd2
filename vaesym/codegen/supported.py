"""What can be lowered: named functions, whole and half powers, and constants of every kind."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import log1p
from sympy.core.function import Application

from vaesym.codegen.function import BACKENDS, RESERVED
from vaesym.codegen.program import Where

#: The functions that every backend has, by the type of their node.
FUNCTIONS: dict[type[Any], str] = {
    sp.log: "log", log1p: "log1p", sp.exp: "exp", sp.Abs: "Abs", sp.sign: "sign", sp.tanh: "tanh", sp.erf: "erf",
    sp.erfc: "erfc", sp.Max: "Max", sp.Min: "Min", sp.Heaviside: "Heaviside"}
#: The constants that are no function of a rational number.
CONSTANTS: tuple[Any, ...] = (sp.pi, sp.E, sp.EulerGamma, sp.Catalan, sp.GoldenRatio)
_TREE = (sp.Symbol, sp.Rational, sp.Float, sp.Add, sp.Mul, Where)


def _refusal(node: Any) -> str:
    """Say what was expected in place of ``node``; empty if it can be lowered."""
    if isinstance(node, _TREE) or node in CONSTANTS:
        return ""
    if isinstance(node, sp.Pow) or type(node) in FUNCTIONS:
        if not node.free_symbols:
            return "" if node.is_real or node.evalf(15).is_real else "real numbers"
        exponent: Any = node.args[1] if isinstance(node, sp.Pow) else sp.S.One
        return "" if exponent.is_Rational and exponent.q <= 2 else "integer powers and square roots"
    if isinstance(node, sp.Piecewise):
        return "choices as vaesym.codegen.Where(test, a, b), which is a where test > 0 and b elsewhere"
    if isinstance(node, Application):
        return f"functions among {sorted(FUNCTIONS.values())} and powers"
    return f"sums, products and powers of real numbers and symbols, and functions among {sorted(FUNCTIONS.values())}"


def require_supported(expression: Any) -> None:
    """Refuse an expression that some backend could not compute, before any source is written.

    Raises ValueError: at the first part that is neither a symbol, a real number, a sum, a product, a power p/2 nor a
    known function.
    """
    for node in sp.preorder_traversal(expression):
        expected = _refusal(node)
        if expected:
            received = node.func if isinstance(node, Application) else node
            raise ValueError(f"expected {expected}; received {received}; rewrite the expression before lowering it")


def printed_names(name: str, arguments: Mapping[str, sp.Symbol]) -> dict[str, sp.Symbol]:
    """Return the arguments under the names that they have in the source: a keyword gets an underscore.

    Raises ValueError if a name is no Python identifier or a module's, the function's name is a keyword, or two
    arguments are one symbol.

    >>> printed_names("f", {"lambda": sp.Symbol("lambda")})
    {'lambda_': lambda}
    """
    for each in (name, *arguments):
        if not each.isidentifier() or each in BACKENDS or (each == name and keyword.iskeyword(name)):
            raise ValueError(f"expected names that are Python identifiers and none of {list(BACKENDS)}, and no keyword "
                             f"for the function; received {each!r}; pass a mapping of other names to the symbols")
    symbols = list(arguments.values())
    repeated = sorted({str(symbol) for symbol in symbols if symbols.count(symbol) > 1})
    if repeated:
        raise ValueError(f"expected every symbol once among the arguments; received {repeated} twice; name each once")
    printed: dict[str, sp.Symbol] = {}
    for each, symbol in arguments.items():
        written = f"{each}_" if keyword.iskeyword(each) else each
        while written != each and written in arguments:
            written += "_"
        printed[written] = symbol
    return printed


def local_name(name: str, taken: set[str]) -> str:
    """Return ``name`` as it can stand in the source beside the names taken, the shared parts and the modules.

    >>> local_name("lambda", set()), local_name("t1", set()), local_name("x", {"x"})
    ('lambda_', 't1_', 'x_')
    """
    name = re.sub(r"\W", "_", name)
    hidden = re.fullmatch(r"t\d+", name) or keyword.iskeyword(name) or name in RESERVED
    while hidden or name in taken:
        name, hidden = f"{name}_", None
    return name


def _number(constant: Any) -> Any:
    # Three digits more than a double has, so that it is rounded once.
    return constant if constant.is_Rational or constant.is_Float else sp.Float(constant.evalf(40), 20)


def _folded(node: Any) -> tuple[Any, bool]:
    """Return ``node`` with its constant parts as numbers, and whether it is constant itself (then left as it is)."""
    if not node.args:
        return node, not node.is_Symbol
    parts = [_folded(part) for part in node.args]
    if all(constant for _, constant in parts):
        return node, True
    moving = [part for part, constant in parts if not constant]
    fixed = [part for part, constant in parts if constant]
    if (node.is_Add or node.is_Mul) and fixed:
        parts = [(node.func(*fixed), True), *[(part, False) for part in moving]]
    folded = [_number(part) if constant else part for part, constant in parts]
    same = len(folded) == len(node.args) and all(a is b or a == b for a, b in zip(folded, node.args, strict=True))
    return node if same else node.func(*folded), False


def with_numbers(expression: Any) -> Any:
    """Return the expression with every irrational constant part as a number of double precision.

    >>> x = sp.Symbol("x")
    >>> with_numbers(2 * sp.sqrt(2) * x + sp.Rational(1, 3))
    2.8284271247461900976*x + 1/3
    """
    folded, constant = _folded(expression)
    return _number(folded) if constant else folded
