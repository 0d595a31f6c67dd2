"""Printers: one a backend, from real arithmetic, known functions and ``Where`` to source."""

from __future__ import annotations

import sys
from typing import Any, ClassVar

import sympy as sp
from sympy.printing.pycode import PythonCodePrinter

from vaesym.codegen.program import Where
from vaesym.codegen.supported import CONSTANTS, FUNCTIONS


class ArrayPrinter(PythonCodePrinter):
    """Prints arithmetic with the functions of a namespace; irrational constants must be numbers by now."""

    module: ClassVar[str] = "xp"
    functions: ClassVar[dict[type[Any], str]] = FUNCTIONS | {
        sp.Abs: "abs", sp.Max: "maximum", sp.Min: "minimum"}
    #: Whether irrational constants are printed as they are, for numbers of any precision.
    keeps_constants: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": True})

    def _print_known(self, e: Any) -> str:
        arguments = ", ".join(self._print(argument) for argument in e.args)
        return f"{self.module}.{self.functions[type(e)]}({arguments})"

    _print_log = _print_log1p = _print_exp = _print_Abs = _print_sign = _print_known
    _print_tanh = _print_erf = _print_erfc = _print_Max = _print_Min = _print_known

    def _print_Heaviside(self, e: Any) -> str:
        step, middle = e.args
        return self._print(Where(step, 1, Where(-step, 0, middle)))

    def _print_Where(self, e: Any) -> str:
        test, chosen, other = (self._print(argument) for argument in e.args)
        if not e.args[1].free_symbols | e.args[2].free_symbols:
            chosen = f"{self.module}.like({test}, {chosen})"
        return f"{self.module}.where({test} > 0, {chosen}, {other})"

    def repeated(self, symbol: str, start: str, body: list[str], following: str, times: int) -> list[str]:
        """Return the lines that set ``symbol`` to ``start`` and then so often, after ``body``, to ``following``."""
        inside = [*body, f"return {following}"]
        return [f"def following({symbol}):", *[f"    {line}" for line in inside],
                f"{symbol} = {self.module}.repeated(following, {start}, {times})"]

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


class ExactPrinter(ArrayPrinter):
    """Prints array text whose constants have the working precision of mpmath."""

    keeps_constants: ClassVar[bool] = True
    constants: ClassVar[dict[Any, str]] = dict(
        zip(CONSTANTS, [f"xp.{name}" for name in ("pi", "e", "euler", "catalan", "phi")], strict=True))

    def _print_constant(self, expr: Any) -> str:
        return self.constants[expr]

    _print_Pi = _print_Exp1 = _print_EulerGamma = _print_Catalan = _print_GoldenRatio = _print_constant

    def _print_Pow(self, expr: Any, rational: bool = False, sqrt: str = "") -> str:
        base, exponent = expr.args
        if exponent.is_Rational and exponent.q <= 2:
            return super()._print_Pow(expr, rational, sqrt)
        return f"xp.power({self._print(base)}, {self._print(exponent)})"

    def _print_Rational(self, expr: Any) -> str:
        exact = sp.Rational(expr.p / expr.q) == expr if abs(expr.p) < 2**53 else False
        return super()._print_Rational(expr) if exact else f"xp.mpf({expr.p})/{expr.q}"

    def _print_Integer(self, expr: Any) -> str:
        return str(expr.p)

    def _print_Float(self, expr: Any) -> str:
        sign, mantissa, exponent, _ = expr._mpf_
        return f"xp.ldexp({(-1) ** sign * int(mantissa)}, {exponent})"


class NumbaPrinter(ArrayPrinter):
    """Prints for single numbers; to be compiled."""

    module: ClassVar[str] = "math"
    functions: ClassVar[dict[type[Any], str]] = FUNCTIONS | {sp.Abs: "fabs"}

    def _print_log1p(self, e: Any) -> str:
        return f"log1p({self._print(e.args[0])})"

    def _print_Where(self, e: Any) -> str:
        test, chosen, other = (self._print(argument) for argument in e.args)
        return f"({chosen} if {test} > 0 else {other})"

    def _print_Max(self, e: Any) -> str:
        first, *rest = e.args
        name = "numpy.maximum" if isinstance(e, sp.Max) else "numpy.minimum"
        return f"{name}({self._print(first)}, {self._print(e.func(*rest))})"

    _print_Min = _print_Max

    def _print_sign(self, e: Any) -> str:
        argument = self._print(e.args[0])
        return f"(math.copysign(1.0, {argument}) if {argument} != 0 else 0.0)"

    def repeated(self, symbol: str, start: str, body: list[str], following: str, times: int) -> list[str]:
        """Write the loop out, so that points can be computed side by side."""
        return [f"{symbol} = {start}", *[*body, f"{symbol} = {following}"] * times]


class JavaScriptPrinter(NumbaPrinter):
    """Prints JavaScript, whose numbers are all of double precision."""

    module: ClassVar[str] = "Math"
    functions: ClassVar[dict[type[Any], str]] = FUNCTIONS | {sp.Abs: "abs", sp.Max: "max", sp.Min: "min"}

    _print_sign = _print_log1p = _print_Max = _print_Min = ArrayPrinter._print_known

    def _print_erf(self, e: Any) -> str:
        raise ValueError(f"expected functions that JavaScript has; received {e.func}; choose another backend")

    _print_erfc = _print_erf

    def _print_Pow(self, expr: Any, rational: bool = False, sqrt: str = "") -> str:
        base: Any
        exponent: Any
        base, exponent = expr.args
        if exponent == sp.Integer(2) and base.is_Symbol:
            return f"({self._print(base)}*{self._print(base)})"
        if exponent == sp.Rational(1, 2) or (exponent.is_number and exponent.is_negative):
            return super()._print_Pow(expr, rational, sqrt)
        # A minus in front of ** is no JavaScript.
        return f"Math.pow({self._print(base)}, {float(exponent)!r})"

    def _print_Where(self, e: Any) -> str:
        test, chosen, other = (self._print(argument) for argument in e.args)
        return f"({test} > 0 ? {chosen} : {other})"

    def repeated(self, symbol: str, start: str, body: list[str], following: str, times: int) -> list[str]:
        """Return the lines of a counted loop."""
        inside = [*[f"const {line};" for line in body], f"{symbol} = {following};"]
        return [f"let {symbol} = {start};", f"for (let i = 0; i < {times}; i++) {{",
                *[f"  {line}" for line in inside], "}"]


class ArbPrinter(ExactPrinter):
    """Prints for Arb's balls, whose result holds the exact one, and without roots and logarithms for rationals too.

    Rational numbers stay exact, irrational ones become balls, and a choice whose test is not decided raises.
    """

    module: ClassVar[str] = "arb"
    functions: ClassVar[dict[type[Any], str]] = FUNCTIONS | {sp.sign: "sgn"}
    constants: ClassVar[dict[Any, str]] = {
        sp.pi: "arb.pi()", sp.E: "arb.const_e()", sp.EulerGamma: "arb.const_euler()",
        sp.Catalan: "arb.const_catalan()", sp.GoldenRatio: "((1 + arb(5).sqrt())/2)"}

    def _number(self, e: Any) -> str:
        """Return what a method can be called on: a plain number has none."""
        printed = self._print(e)
        if not e.free_symbols:
            return f"arb({printed})"
        return printed if e.is_Symbol else f"({printed})"

    def _print_method(self, e: Any) -> str:
        return f"{self._number(e.args[0])}.{self.functions[type(e)]}()"

    _print_log = _print_log1p = _print_exp = _print_sign = _print_tanh = _print_erf = _print_erfc = _print_method

    def _print_Max(self, e: Any) -> str:
        first, *rest = map(self._print, e.args)
        return f"arb({first})" + "".join(f".{'max' if isinstance(e, sp.Max) else 'min'}({part})" for part in rest)

    _print_Min = _print_Max

    def _print_Abs(self, e: Any) -> str:
        return f"abs({self._print(e.args[0])})"

    def _print_Where(self, e: Any) -> str:
        test, chosen, other = (self._print(argument) for argument in e.args)
        return f"({chosen} if positive({test}) else {other})"

    def repeated(self, symbol: str, start: str, body: list[str], following: str, times: int) -> list[str]:
        """Refuse: a ball does not shrink in a loop that corrects a number."""
        del start, body, following, times
        raise ValueError(f"expected statements without loops for balls; received a loop for {symbol}; enclose the root "
                         "with krawczyk and pass it as an argument")

    def _print_Pow(self, expr: Any, rational: bool = False, sqrt: str = "") -> str:
        base: Any
        exponent: Any
        base, exponent = expr.args
        if exponent == sp.Rational(1, 2):
            return f"{self._number(base)}.sqrt()"
        if exponent.is_Rational and exponent.q <= 2 and base.free_symbols:
            return ArrayPrinter._print_Pow(self, expr, rational, sqrt)
        return f"arb({self._print(base)})**arb({self._print(exponent)})"

    def _print_Rational(self, expr: Any) -> str:
        return f"fmpq({expr.p}, {expr.q})"

    def _print_Float(self, expr: Any) -> str:
        exact: Any = sp.Rational(expr)
        return f"fmpq({exact.p}, {exact.q})"


PRINTERS = {"numpy": ArrayPrinter, "mpmath": ExactPrinter, "torch": ArrayPrinter, "numba": NumbaPrinter,
            "javascript": JavaScriptPrinter, "arb": ArbPrinter}
