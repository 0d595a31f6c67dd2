"""Lowering: SymPy expression → NumericFunction. Nothing here knows any physics.

``function`` runs generated source and needs no SymPy; ``lowering`` writes it and does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vaesym.codegen.function import BACKENDS, NumericFunction

if TYPE_CHECKING:
    from vaesym.codegen.lowering import lower, source_of, use_log1p

__all__ = ["BACKENDS", "NumericFunction", "lower", "source_of", "use_log1p"]


def __getattr__(name: str) -> Any:
    if name in {"lower", "source_of", "use_log1p"}:
        import importlib

        return getattr(importlib.import_module("vaesym.codegen.lowering"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
