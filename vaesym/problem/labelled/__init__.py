"""Problems with any labels in one form: the law of the label, the loss given it, and what is refused."""

from vaesym.problem.labelled.checks import check_labelled
from vaesym.problem.labelled.law import (
    Branch,
    branches,
    cuts,
    knows_teacher,
    label_symbols,
    outer_symbols,
    planted_symbols,
    positive,
    state_symbols,
)
from vaesym.problem.labelled.loss import Losses, Residual, bias_of, decays, losses, residual, stable, without_bias

__all__ = [
    "Branch",
    "Losses",
    "Residual",
    "bias_of",
    "branches",
    "check_labelled",
    "cuts",
    "decays",
    "knows_teacher",
    "label_symbols",
    "losses",
    "outer_symbols",
    "planted_symbols",
    "positive",
    "residual",
    "stable",
    "state_symbols",
    "without_bias",
]
