"""Write Python source for an expression: one printer a backend, common parts computed once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import sympy as sp
from sympy.codegen.cfunctions import log1p
from sympy.printing.pycode import PythonCodePrinter

from vaesym.codegen.function import BACKENDS, NumericFunction

_cache: dict[str, NumericFunction] = {}


class ArrayPrinter(PythonCodePrinter):
    """Prints arithmetic with the functions of one array module."""

    module: ClassVar[str] = "numpy"
    functions: ClassVar[dict[str, str]] = {
        "log": "log", "log1p": "log1p", "exp": "exp", "Abs": "abs", "sign": "sign",
    }

    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": True})

    def _print_known(self, expr: Any) -> str:
        name = type(expr).__name__
        arguments = ", ".join(self._print(argument) for argument in expr.args)
        return f"{self.module}.{self.functions[name]}({arguments})"

    _print_log = _print_log1p = _print_exp = _print_Abs = _print_sign = _print_known

    def _print_Function(self, expr: Any) -> str:
        raise ValueError(f"expected functions among {sorted(self.functions)} and powers; received {expr.func}; "
                         "rewrite the expression before lowering it")

    def _print_Pow(self, expr: Any, rational: bool = False, sqrt: str = "") -> str:
        del rational, sqrt
        base, exponent = expr.args
        if exponent == sp.Rational(1, 2):
            return f"{self.module}.sqrt({self._print(base)})"
        if exponent.is_number and exponent.is_negative:
            return f"1/{self.parenthesize(base if exponent == -1 else sp.Pow(base, -exponent), 60, strict=True)}"
        if exponent.is_integer:
            return f"{self.parenthesize(base, 60, strict=True)}**{self._print(exponent)}"
        raise ValueError(f"expected integer powers and square roots; received {expr}; rewrite it before lowering")

    def _print_Rational(self, expr: Any) -> str:
        return f"{expr.p}/{expr.q}"


class MpmathPrinter(ArrayPrinter):
    """Prints for mpmath at its working precision."""

    module: ClassVar[str] = "mpmath"
    functions: ClassVar[dict[str, str]] = ArrayPrinter.functions | {"Abs": "fabs"}

    def _print_Rational(self, expr: Any) -> str:
        return f"mpmath.mpf({expr.p})/{expr.q}"


class TorchPrinter(ArrayPrinter):
    """Prints for torch tensors; differentiable."""

    module: ClassVar[str] = "torch"


_PRINTERS = {"numpy": ArrayPrinter, "mpmath": MpmathPrinter, "torch": TorchPrinter}


def use_log1p(expression: sp.Expr) -> sp.Expr:
    """Rewrite every ln(u) as log1p(u − 1) with u − 1 in lowest terms, so that nothing cancels near u = 1.

    >>> q, b = sp.symbols("q b", positive=True)
    >>> use_log1p(sp.log(b / (q + b)))
    log1p(-q/(b + q))
    """
    return expression.replace(
        lambda node: isinstance(node, sp.log),
        lambda node: log1p(sp.factor(sp.cancel(sp.together(node.args[0] - 1)))),
    )


def _flatten(expression: Any) -> tuple[list[sp.Expr], tuple[int, ...]]:
    if isinstance(expression, sp.MatrixBase):
        shape = (expression.rows,) if expression.cols == 1 else (expression.rows, expression.cols)
        return list(expression), shape
    if isinstance(expression, (tuple, list, sp.Tuple)):
        return [sp.sympify(e) for e in expression], (len(expression),)
    return [sp.sympify(expression)], ()


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
        Unknown backend, symbols that are not arguments, or functions that the printers do not know.

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
    parts, shape = _flatten(expression)
    free = {symbol for part in parts for symbol in part.free_symbols}
    missing = sorted(str(symbol) for symbol in free - set(arguments.values()))
    if missing:
        raise ValueError(f"expected every symbol among the arguments; received {missing} besides; add them")
    printer = _PRINTERS[backend]()
    # Symbols are renamed to their argument names, so that names such as "lambda" can be printed.
    names = {symbol: sp.Symbol(argument) for argument, symbol in arguments.items()}
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
        arguments = {symbol.name: symbol for symbol in arguments}
    content = (name, sp.srepr(expression), [(a, sp.srepr(s)) for a, s in arguments.items()], backend,
               sp.__version__, Path(__file__).read_text(encoding="utf-8"))
    key = hashlib.sha256(repr(content).encode()).hexdigest()
    if key not in _cache:
        source, shape = source_of(name, expression, arguments, backend)
        _cache[key] = NumericFunction.from_source(f"import {backend}\n\n{source}", name, shape, backend)
    return _cache[key]
