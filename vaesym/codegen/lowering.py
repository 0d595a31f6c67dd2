"""Write Python source for an expression: one printer a backend, common parts computed once."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import sympy as sp
from sympy.codegen.cfunctions import log1p
from sympy.printing.pycode import PythonCodePrinter

from vaesym.codegen.function import BACKENDS, NumericFunction
from vaesym.codegen.supported import CONSTANTS, FUNCTIONS, require_names, require_supported, with_numbers

_cache: dict[str, NumericFunction] = {}


class ArrayPrinter(PythonCodePrinter):
    """Prints arithmetic with the functions of one array module; irrational constants must be numbers by now."""

    module: ClassVar[str] = "numpy"
    functions: ClassVar[dict[type[Any], str]] = FUNCTIONS | {sp.Abs: "abs"}

    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": True})

    def _print_known(self, e: Any) -> str:
        arguments = ", ".join(self._print(argument) for argument in e.args)
        return f"{self.module}.{self.functions[type(e)]}({arguments})"

    _print_log = _print_log1p = _print_exp = _print_Abs = _print_sign = _print_known

    def _print_Pow(self, expr: Any, rational: bool = False, sqrt: str = "") -> str:
        del rational, sqrt
        base, exponent = expr.args
        if exponent == sp.Rational(1, 2):
            return f"{self.module}.sqrt({self._print(base)})"
        if exponent.is_number and exponent.is_negative:
            return f"1/{self.parenthesize(base if exponent == -1 else sp.Pow(base, -exponent), 60, strict=True)}"
        # Halves are exact in binary: every backend raises to them at its own precision.
        power = self._print(exponent) if exponent.is_integer else repr(float(exponent))
        return f"{self.parenthesize(base, 60, strict=True)}**{power}"

    def _print_Rational(self, expr: Any) -> str:
        return f"{expr.p}/{expr.q}"

    def _print_Integer(self, expr: Any) -> str:
        # Tensors take no integers beyond 64 bits.
        return str(expr.p) if abs(expr.p) < 2**63 else self._print_Float(expr)

    def _print_Float(self, expr: Any) -> str:
        if abs(expr) > sys.float_info.max or (float(expr) == 0 and expr != 0):
            raise ValueError(f"expected numbers within double precision; received {expr}; choose other units")
        return repr(float(expr))


class MpmathPrinter(ArrayPrinter):
    """Prints for mpmath at its working precision."""

    module: ClassVar[str] = "mpmath"
    functions: ClassVar[dict[type[Any], str]] = FUNCTIONS | {sp.Abs: "fabs"}
    constants: ClassVar[dict[Any, str]] = dict(
        zip(CONSTANTS, ("pi", "e", "euler", "catalan", "phi"), strict=True))

    def _print_constant(self, expr: Any) -> str:
        return f"mpmath.{self.constants[expr]}"

    _print_Pi = _print_Exp1 = _print_EulerGamma = _print_Catalan = _print_GoldenRatio = _print_constant

    def _print_Pow(self, expr: Any, rational: bool = False, sqrt: str = "") -> str:
        base, exponent = expr.args
        if exponent.is_Rational and exponent.q <= 2:
            return super()._print_Pow(expr, rational, sqrt)
        return f"mpmath.power({self._print(base)}, {self._print(exponent)})"

    def _print_Rational(self, expr: Any) -> str:
        return f"mpmath.mpf({expr.p})/{expr.q}"

    def _print_Integer(self, expr: Any) -> str:
        return str(expr.p)

    def _print_Float(self, expr: Any) -> str:
        sign, mantissa, exponent, _ = expr._mpf_
        return f"mpmath.ldexp({(-1) ** sign * int(mantissa)}, {exponent})"


class TorchPrinter(ArrayPrinter):
    """Prints for torch tensors; differentiable."""

    module: ClassVar[str] = "torch"


_PRINTERS = {"numpy": ArrayPrinter, "mpmath": MpmathPrinter, "torch": TorchPrinter}


def use_log1p(expression: Any) -> Any:
    """Rewrite every ln(u) as log1p(u − 1) with u − 1 in lowest terms, so that nothing cancels near u = 1.

    >>> q, b = sp.symbols("q b", positive=True)
    >>> use_log1p(sp.log(b / (q + b)))
    log1p(-q/(b + q))
    """
    return expression.replace(
        lambda node: isinstance(node, sp.log),
        lambda node: log1p(sp.factor(sp.cancel(sp.together(node.args[0] - 1)))),
    )


def _scalar(part: Any) -> Any:
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


def _flatten(expression: Any) -> tuple[list[Any], tuple[int, ...]]:
    if isinstance(expression, sp.MatrixBase):
        shape = (expression.rows,) if expression.cols == 1 else (expression.rows, expression.cols)
        return [_scalar(entry) for entry in expression.flat()], shape
    if isinstance(expression, (tuple, list, sp.Tuple)):
        parts: Any = expression
        return [_scalar(part) for part in parts], (len(parts),)
    return [_scalar(expression)], ()


def source_of(name: str, expression: Any, arguments: Mapping[str, sp.Symbol], backend: str,
              doc: str = "") -> tuple[str, tuple[int, ...]]:
    """Return (source, shape) of a function of the named arguments that computes ``expression``.

    Parameters
    ----------
    name : name of the function
    expression : expression, matrix, or sequence of expressions
    arguments : argument name → symbol, in calling order
    backend : "numpy", "mpmath" or "torch"
    doc : docstring of the function

    Raises
    ------
    ValueError
        Unknown backend, symbols that are not arguments, names that cannot stand in the source, a nested result, or
        anything besides real arithmetic, whole and half powers, and the functions that every backend has.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> print(source_of("f", sp.log(x) + x**2 / 2, {"x": x}, "numpy")[0])
    def f(x):
        return (1/2)*x**2 + numpy.log(x)
    <BLANKLINE>
    """
    if backend not in BACKENDS:
        raise ValueError(f"expected a backend among {list(BACKENDS)}; received {backend!r}; choose one of them")
    require_names(name, arguments)
    parts, shape = _flatten(expression)
    free = {symbol for part in parts for symbol in part.free_symbols}
    missing = sorted(str(symbol) for symbol in free - set(arguments.values()))
    if missing:
        raise ValueError(f"expected every symbol among the arguments; received {missing} besides; add them")
    printer = _PRINTERS[backend]()
    # Symbols are renamed to their argument names, so that names such as "lambda" can be printed.
    names = {symbol: sp.Symbol(argument) for argument, symbol in arguments.items()}
    if backend != "mpmath":
        parts = [with_numbers(part) for part in parts]
    temporaries = sp.numbered_symbols("t")
    common, results = sp.cse([part.xreplace(names) for part in parts], symbols=temporaries, order="canonical")
    lines = [f"def {name}({', '.join(arguments)}):"]
    if doc:
        lines.append(f'    """{doc}"""')
    lines += [f"    {symbol} = {printer.doprint(value)}" for symbol, value in common]
    printed = [printer.doprint(result) for result in results]
    if shape == ():
        lines.append(f"    return {printed[0]}")
    else:
        lines += ["    return (", *[f"        {entry}," for entry in printed], "    )"]
    return "\n".join(lines) + "\n", shape


def lower(name: str, expression: Any, arguments: Mapping[str, sp.Symbol] | Sequence[sp.Symbol],
          backend: str = "numpy") -> NumericFunction:
    """Return ``expression`` as a :class:`NumericFunction` of the arguments; same content, same object.

    ``arguments`` maps names to symbols in calling order, or lists symbols that keep their names.
    The cache key holds the expression, the argument order, the backend, the SymPy version and the source of
    the printers.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> f = lower("f", [x + y, 1], [x, y])
    >>> f([1.0, 2.0], 3.0)
    array([[4., 1.],
           [5., 1.]])
    """
    if not isinstance(arguments, Mapping):
        named = {symbol.name: symbol for symbol in arguments}
        if len(named) < len(arguments):
            raise ValueError(f"expected symbols of different names; received {list(arguments)}; pass a mapping of "
                             "names to the symbols")
        arguments = named
    content = (name, sp.srepr(expression), [(a, sp.srepr(s)) for a, s in arguments.items()], backend,
               sp.__version__, Path(__file__).read_text(encoding="utf-8"))
    key = hashlib.sha256(repr(content).encode()).hexdigest()
    if key not in _cache:
        source, shape = source_of(name, expression, arguments, backend)
        _cache[key] = NumericFunction.from_source(f"import {backend}\n\n{source}", name, shape, backend)
    return _cache[key]
