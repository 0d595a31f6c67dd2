"""One step of a derivation: what is claimed, the move that computes it, and the check."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.printing.latex import LatexPrinter

from vaesym.algebra.checks import LIMIT, Kind, Verdict, compare
from vaesym.algebra.domain import Domain
from vaesym.algebra.entries import entries, is_sequence
from vaesym.algebra.pointwise import Pointwise
from vaesym.algebra.reduction import LimitReached, limited

#: Names that are LaTeX already, and must not be taken apart at their underscores.
_LATEX_NAME = re.compile(r"[\\(),/{}]")
_BRACKETED = re.compile(r"\\left\((\\frac\{\d+\}\{\d+\})\\right\)(?! *\^)")


class _Printer(LatexPrinter):
    """LaTeX as a reader writes it: what is subtracted last, single symbols in order, rows of fractions apart."""

    def _as_ordered_terms(self, expr: Any, order: Any = None) -> list[Any]:
        terms: list[Any] = list(super()._as_ordered_terms(expr, order=order))
        if all(abs_term.is_Symbol for abs_term in (-t if t.could_extract_minus_sign() else t for t in terms)):
            terms.sort(key=lambda term: _RANK.get(next(iter(term.free_symbols)).name, 0))
        return sorted(terms, key=lambda term: bool(term.could_extract_minus_sign()))

    def _print_Identity(self, I: Any) -> Any:  # noqa: E741 -- the name that the base class gives it
        return "I"

    def _print_MatAdd(self, expr: Any) -> str:
        first, *rest = sorted(map(self._print, expr.args), key=lambda term: term.startswith("-"))
        return first + "".join(f" {term}" if term.startswith("-") else f" + {term}" for term in rest)

    def _print_MatrixBase(self, expr: Any) -> str:
        return _apart(super()._print_MatrixBase(expr))

    def _print_MatrixElement(self, expr: Any) -> str:
        return f"{self._print(expr.parent)}_{{{expr.i + 1}{expr.j + 1}}}"


def _apart(matrix: str) -> str:
    """Set the outer fractions of a matrix of a few rows in full size, and its rows apart."""
    if r"\frac" not in matrix or matrix.count(r"\\") > 3:
        return matrix
    parts = re.split(r"([{}]|\\frac(?![A-Za-z]))", matrix)
    depth = [part.count("{") - part.count("}") for part in parts]
    outer = "".join(r"\dfrac" if part == r"\frac" and sum(depth[:i]) == 0 else part for i, part in enumerate(parts))
    # Counted from the usual depth of a row; a fraction within one is deeper.
    return outer.replace(r"\\", r"\\[6ex]" if r"\frac" in outer else r"\\[3ex]")


#: Symbols that come last in a sum of single symbols: ρ+η, not η+ρ.
_RANK = {"rho": 1, "eta": 2}


def to_latex(expression: Any) -> str:
    r"""Return LaTeX in the project's style: round matrices, ln for the natural logarithm, ρ+η−β and not −β+η+ρ.

    >>> b = sp.Symbol("beta")
    >>> to_latex(sp.log(b) / 2)
    '\\frac{\\ln{\\left(\\beta \\right)}}{2}'
    """
    symbols = expression.atoms(sp.Symbol) if isinstance(expression, sp.Basic) else set[Any]()
    written = {symbol: symbol.name for symbol in symbols if _LATEX_NAME.search(symbol.name)}
    settings = {"mat_str": "pmatrix", "mat_delim": "", "ln_notation": True, "symbol_names": written}
    # A number before a product of matrices needs no brackets.
    return _BRACKETED.sub(r"\1", _Printer(settings).doprint(expression))


def _unfold(folded: Any, where: Mapping[Any, Any]) -> Any:
    """Make matrix symbols explicit, and take the traces, determinants and entries that were left standing."""
    if is_sequence(folded):
        return tuple(_unfold(part, where) for part in folded)
    if isinstance(folded, sp.Eq):
        return sp.Eq(_unfold(folded.lhs, where), _unfold(folded.rhs, where), evaluate=False)
    if isinstance(folded, sp.MatrixBase):
        return sp.ImmutableMatrix(folded.applyfunc(lambda entry: _unfold_scalar(entry, where)))
    if isinstance(folded, sp.MatrixExpr):
        return _unfold_matrix(folded, where)
    return _unfold_scalar(sp.sympify(folded), where)


def _unfold_matrix(node: Any, where: Mapping[Any, Any]) -> Any:
    """Evaluate sums, products, powers and transposes of matrices from the inside."""
    if isinstance(node, sp.MatMul):
        factor, matrices = node.as_coeff_matrices()
        product = reduce(_times, [_unfold(matrix, where) for matrix in matrices])
        return product if factor == 1 else product * _unfold_scalar(factor, where)
    if isinstance(node, sp.MatAdd):
        return reduce(add, [_unfold(matrix, where) for matrix in node.args])
    if isinstance(node, (sp.Inverse, sp.MatPow)) and node.exp.is_Integer:
        base = _unfold(node.base, where)
        power = int(str(node.exp))
        return (_inverse(base) if power < 0 else base) ** abs(power)
    if isinstance(node, sp.Transpose):
        return _unfold(node.arg, where).T
    return sp.ImmutableMatrix(node.xreplace(where).doit())


def _exact(*matrices: Any) -> list[Any] | None:
    """Return matrices of rational numbers as such, for arithmetic without expressions; None if there are others."""
    if all(entry.is_Rational for matrix in matrices for entry in matrix.flat()):
        return [matrix.to_DM(field=True) for matrix in matrices]
    return None


def _times(left: Any, right: Any) -> Any:
    numbers = _exact(left, right)
    return left * right if numbers is None else sp.ImmutableMatrix((numbers[0] * numbers[1]).to_Matrix())


def _inverse(matrix: Any) -> Any:
    numbers = _exact(matrix)
    if numbers is None:
        # Not inv(): that tries at length to show that the determinant is not zero, where the check would find a pole.
        return sp.ImmutableMatrix(matrix.adjugate() / _determinant(matrix))
    return sp.ImmutableMatrix(numbers[0].inv().to_Matrix())


def _determinant(matrix: Any) -> Any:
    """Return a determinant; by Berkowitz's algorithm, which never divides, where there are symbols."""
    numbers = _exact(matrix)
    return matrix.det(method="berkowitz") if numbers is None else sp.S(numbers[0].domain.to_sympy(numbers[0].det()))


def _unfold_scalar(node: Any, where: Mapping[Any, Any]) -> Any:
    if not node.has(sp.MatrixExpr):
        return node.xreplace(where)
    if isinstance(node, sp.Trace):
        return _unfold(node.arg, where).trace()
    if isinstance(node, sp.Determinant):
        return _determinant(_unfold(node.arg, where))
    if isinstance(node, MatrixElement):
        return _unfold(node.parent, where)[node.i, node.j]
    if isinstance(node, sp.MatrixExpr):
        explicit = _unfold(node, where)
        if explicit.shape != (1, 1):
            raise ValueError(f"expected a 1 x 1 matrix among scalars; received {node} of shape {explicit.shape}; "
                             "take its trace, its determinant or an entry")
        return explicit[0, 0]
    return node.func(*[_unfold_scalar(part, where) for part in node.args])


@dataclass(frozen=True)
class Step:
    """A statement typed by hand beside the move that computes it.

    Parameters
    ----------
    label : short name, unique in its chapter
    title : one line of words
    subject : the left side of the statement, a symbol or folded expression; for print only, except that a derivative,
        integral or sum of symbols with domains is checked too
    move : a function without arguments that computes the result (differentiate, eliminate, expand ...)
    typed : the independently typed right side: an expression, a matrix or a tuple of them
    where : matrix symbols of the typed side → explicit matrices. It is printed folded, and unfolded for the check
    domains : the domain of every symbol that occurs
    source : where the statement comes from, e.g. "[IH] Claim 6.1" or "new"
    premises : what is assumed, in words
    conditions : relations between symbols under which the statement holds
    numeric_only : why the verdict can only be numeric, in words (no proof is tried then); else empty
    argued : what of the step words carry and no comparison (its verdict is then at most ``argued``); else empty
    sign : 1 or −1 if the typed side is also stated to be positive or negative, which its form must show; else 0
    prose : LaTeX text that leads to the statement

    Examples
    --------
    >>> x, y = sp.symbols("x y", positive=True)
    >>> step = Step("square", "Derivative of a square", y, lambda: sp.diff(x**2, x), 2 * x,
    ...             {x: Domain(1, 2)}, source="calculus")
    >>> step.check().kind.value
    'identity'
    >>> step.with_typed(3 * x).check().passed
    False
    """

    label: str
    title: str
    subject: sp.Basic
    move: Callable[[], Any]
    typed: Any
    domains: Mapping[sp.Symbol, Domain]
    source: str
    premises: tuple[str, ...] = ()
    conditions: tuple[sp.Basic, ...] = ()
    where: Mapping[Any, Any] = field(default_factory=dict[Any, Any])
    prose: str = field(default="", repr=False)
    numeric_only: str = ""
    argued: str = ""
    sign: int = 0

    @property
    def statement(self) -> sp.Basic:
        """The statement as a SymPy equation ``subject = typed`` (unevaluated)."""
        right = sp.Tuple(*self.typed) if isinstance(self.typed, (tuple, list)) else self.typed
        return sp.Eq(self.subject, right, evaluate=False)

    @property
    def unfolded(self) -> Any:
        """The typed side with the matrix symbols of ``where`` made explicit."""
        return _unfold(self.typed, self.where) if self.where else self.typed

    def latex(self) -> str:
        """The statement as LaTeX, from the same objects that are checked."""
        return to_latex(self.statement)

    def with_typed(self, typed: Any) -> Step:
        """The same step with another typed statement; for tests of the checks themselves."""
        return dataclasses.replace(self, typed=typed, where={})

    def compare(self, result: Any, *, points: int = 8, digits: int = 50, exact: bool = True) -> Verdict:
        """Compare a result of the move with the typed statement.

        Beside a pointwise result the typed statement is unfolded at each point too.
        """
        typed: Any = self._typed_at(result.symbols) if isinstance(result, Pointwise) else self.unfolded
        verdict = compare(result, typed, self.domains, conditions=self.conditions, points=points, digits=digits,
                          exact=exact and not self.numeric_only)
        if self.sign and not all((self.sign * entry).is_positive for entry in entries(typed)):
            return dataclasses.replace(verdict, kind=Kind.FAILED, remark="its form does not show its sign")
        if self.argued and verdict.kind is Kind.IDENTITY:
            return dataclasses.replace(verdict, kind=Kind.ARGUED, remark=self.argued)
        return verdict

    def _says_what_it_computes(self) -> bool:
        """Return whether the left side is a derivative, integral or sum of symbols alone, which can be wrong too."""
        if not isinstance(self.subject, (sp.Derivative, sp.Integral, sp.Sum)) or isinstance(self.typed, (tuple, list)):
            return False
        unknown = self.subject.atoms(AppliedUndef) or self.subject.has(sp.MatrixExpr)
        return not unknown and self.subject.free_symbols <= set(self.domains)

    def _typed_at(self, symbols: tuple[Any, ...]) -> Pointwise:
        def run(point: Mapping[Any, Any]) -> Any:
            values = dict(point)
            where = {name: matrix.xreplace(values) for name, matrix in self.where.items()}
            return _unfold(self.typed, {**values, **where})

        return Pointwise(symbols, run)

    def check(self, *, points: int = 8, digits: int = 50, exact: bool = True) -> Verdict:
        """Run the move and compare its result with the typed statement.

        Raises
        ------
        ValueError
            If the move does not end within the time limit, or the sides cannot be compared.
        """
        start = time.process_time()
        try:
            result = limited(LIMIT, self.move)
        except LimitReached:
            raise ValueError(f"expected a move that ends within {LIMIT:g} s; received {self.label!r}, which does not; "
                             "carry out its integral or limit by hand") from None
        verdict = self.compare(result, points=points, digits=digits, exact=exact)
        if verdict.passed and self._says_what_it_computes():
            stated = self.subject.doit() if isinstance(self.subject, sp.Derivative) else self.subject
            left = self.compare(stated, points=points, digits=digits, exact=False)
            verdict = verdict if left.passed else left
        return dataclasses.replace(verdict, seconds=time.process_time() - start)
