"""What a statement may be: expressions, matrices, tuples of them, and equations."""

from __future__ import annotations

from typing import Any

import sympy as sp


def is_sequence(statement: Any) -> bool:
    """Whether a statement is a tuple or list of statements."""
    return isinstance(statement, (sp.Tuple, tuple, list))


def entries(statement: Any) -> list[Any]:
    """Return the scalar entries of a statement in order; of an equation, left side minus right side.

    Raises
    ------
    TypeError
        If a part is no expression, matrix, sequence or equation.
    """
    if isinstance(statement, sp.MatrixBase):
        flat: Any = statement.flat()
        return list(flat)
    if is_sequence(statement):
        return [entry for part in statement for entry in entries(part)]
    if isinstance(statement, sp.MatrixExpr):
        return entries(statement.as_explicit())
    try:
        entry: Any = sp.sympify(statement, strict=True)
    except sp.SympifyError:
        entry = statement
    if isinstance(entry, sp.Eq):
        require_alike(entry.lhs, entry.rhs)
        return [a - b for a, b in zip(entries(entry.lhs), entries(entry.rhs), strict=True)]
    if not isinstance(entry, sp.Expr):
        raise TypeError(f"expected expressions, matrices, tuples of them or equations; received {entry} of type "
                        f"{type(entry).__name__}; write a relation as an unevaluated sp.Eq")
    return [entry]


def require_alike(left: Any, right: Any) -> None:
    """Refuse two sides that differ in shape; a vector may stand beside a tuple of its entries.

    Raises
    ------
    ValueError
        If matrices differ in shape, tuples in length, or other sides in the number of entries.
    """
    counts = len(entries(left)), len(entries(right))
    if counts[0] != counts[1]:
        raise ValueError(f"expected two sides of one shape; received {counts[0]} and {counts[1]} entries; "
                         "state every entry")
    if isinstance(left, sp.MatrixBase) and isinstance(right, sp.MatrixBase) and left.shape != right.shape:
        raise ValueError(f"expected two sides of one shape; received matrices {left.shape} and {right.shape}; "
                         "transpose or reshape one")
    if is_sequence(left) and is_sequence(right):
        if len(left) != len(right):
            raise ValueError(f"expected two sides of one shape; received tuples of {len(left)} and {len(right)} parts; "
                             "nest both alike")
        parts: tuple[Any, Any] = left, right
        for one, other in zip(*parts, strict=True):
            require_alike(one, other)
