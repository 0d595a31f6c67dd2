"""Formulas of the book for a terminal of 80 columns."""

from __future__ import annotations

import re
from typing import Any

import sympy as sp
from sympy.printing.pretty.pretty import PrettyPrinter
from sympy.printing.pretty.stringpict import prettyForm, stringPict

from vaesym.algebra import Step

#: The formulas that carry the theory, by chapter and label, in the order in which they are shown.
CENTRAL = (("free-energy", "free-energy"), ("saddle-point", "posterior-variance"), ("collapse", "threshold"),
           ("collapse", "active-norm"), ("collapse", "active-kl"), ("large-data", "threshold"),
           ("large-data", "norm"), ("large-data", "rate"), ("large-data", "distortion"))
_WIDTH = 74


def plain_name(latex: str) -> str:
    r"""Return a name written as LaTeX in plain signs.

    >>> plain_name(r"\mathrm{KL}"), plain_name(r"\beta_c(\infty)")
    ('KL', 'β_c(∞)')
    """
    words = re.sub(r"\\(?:mathrm|operatorname)\{(\w+)\}", r"\1", latex)
    signs = {"infty": "∞", "partial": "∂", "ell": "ℓ"}
    return re.sub(r"\\([A-Za-z]+)", lambda found: signs.get(found[1]) or sp.pretty(sp.Symbol(found[1])), words)


def _sides(step: Step) -> tuple[Any, Any]:
    names = {symbol: sp.Symbol(plain_name(symbol.name)) for symbol in step.statement.atoms(sp.Symbol)
             if "\\" in symbol.name}
    left, right = step.statement.args
    return left.xreplace(names), right.xreplace(names)


def _drawn(head: str, expression: Any) -> str:
    """Draw an expression behind a head, which stands at the height of its fraction bars."""
    form = PrettyPrinter({"use_unicode": True})._print(expression)
    drawn = prettyForm(*stringPict(head).right(form)).picture
    return "\n".join(line.rstrip() for line in drawn)


def formula(step: Step) -> str:
    """Return a statement drawn with Unicode: in one piece, or term by term if that is too wide.

    >>> from derivations import book
    >>> print(formula(book()["collapse"]["threshold"]))
           Λ⋅α     λ
    β_c = ───── - ───
          α + λ   Λ⋅α
    """
    left, right = _sides(step)
    head = f"{sp.pretty(left, use_unicode=True)} = "
    whole = _drawn(head, right)
    if not right.is_Add or max(map(len, whole.splitlines())) <= _WIDTH:
        return whole
    heads = [head, *[" " * (len(head) - 2) + "+ "] * (len(right.args) - 1)]
    return "\n".join(_drawn(one, term) for one, term in zip(heads, right.args, strict=True))
