"""The part of the table of symbols that users meet, as a module for rooms that never start SymPy."""

from __future__ import annotations

import sympy as sp

from vaesym.linear_vae.statement.symbols import (
    ORDER_PARAMETERS,
    PARAMETERS,
    RESULTS,
    api_names,
    decoder_variance,
    eigenvalue,
    overlap,
    quantity,
)

_MODULE = '''"""What the quantities of the shipped model are, for rooms that never start SymPy.

{note}
"""

#: The parameters of a point, in the order of every function that takes them.
PARAMETERS = {parameters}
#: Name: (meaning, unit, domain, symbol in TeX); the last two are empty for what has no symbol.
QUANTITIES = {{
{rows}}}
'''
#: How meanings and domains are written where only ASCII is sure to be shown.
_ASCII = str.maketrans({"‖": "|", "²": "^2", "·": ".", "ᵀ": "^T ", "≥": ">="})


def source(note: str) -> str:
    """Return the text of the module, with a note on how it is written.

    >>> source("By hand.").isascii()
    True
    """
    parameters = api_names([*PARAMETERS, decoder_variance])
    with_symbols = [quantity(name) for name in (*parameters, *api_names([*ORDER_PARAMETERS[:6], eigenvalue, overlap]))]
    rows = {row.name: (row.meaning, "1", row.stated_domain, sp.latex(row.symbol)) for row in with_symbols}
    rows |= {name: (meaning, *(unit or ("1",)), "", "") for name, (meaning, *unit) in RESULTS.items()}
    text = "".join(f"    {name!r}: {row!r},\n" for name, row in rows.items()).translate(_ASCII)
    return _MODULE.format(note=note, parameters=tuple(parameters), rows=text)
