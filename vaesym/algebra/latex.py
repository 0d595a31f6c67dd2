"""LaTeX of SymPy objects, in one style."""

from __future__ import annotations

import re
from typing import Any

import sympy as sp

#: Names that are LaTeX already, and must not be taken apart at their underscores.
_LATEX_NAME = re.compile(r"[\\(),/{}]")


def to_latex(expression: Any) -> str:
    r"""Return LaTeX in the project's style: round matrices, ln for the natural logarithm.

    >>> b = sp.Symbol("beta")
    >>> to_latex(sp.log(b) / 2)
    '\\frac{\\ln{\\left(\\beta \\right)}}{2}'
    """
    symbols = expression.atoms(sp.Symbol) if isinstance(expression, sp.Basic) else set[Any]()
    written = {symbol: symbol.name for symbol in symbols if _LATEX_NAME.search(symbol.name)}
    return sp.latex(expression, mat_str="pmatrix", mat_delim="", ln_notation=True, symbol_names=written)
