"""Lowering: SymPy expression → NumericFunction. Nothing here knows any physics.

``function`` runs generated source and needs no SymPy; ``lowering`` writes it and does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vaesym.codegen.function import BACKENDS, NumericFunction

if TYPE_CHECKING:
    from vaesym.codegen.lowering import header, lower, source_of, use_log1p
    from vaesym.codegen.program import Let, Program, Repeat, Where

__all__ = ["BACKENDS", "Let", "NumericFunction", "Program", "Repeat", "Where", "header", "lower", "source_of",
           "use_log1p"]

_HOMES = dict.fromkeys(("header", "lower", "source_of", "use_log1p"), "lowering") | dict.fromkeys(
    ("Let", "Program", "Repeat", "Where"), "program")


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(f"vaesym.codegen.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
