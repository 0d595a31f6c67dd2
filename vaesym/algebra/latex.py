"""LaTeX of SymPy objects, in one style."""

from __future__ import annotations

from typing import Any

import sympy as sp


def to_latex(expression: Any) -> str:
    r"""Return LaTeX in the project's style: round matrices, ln for the natural logarithm.

    >>> b = sp.Symbol("beta")
    >>> to_latex(sp.log(b) / 2)
    '\\frac{\\ln{\\left(\\beta \\right)}}{2}'
    """
    return sp.latex(expression, mat_str="pmatrix", mat_delim="", ln_notation=True)
