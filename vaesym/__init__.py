"""The exact theory of variational autoencoders as software you can compute with.

Names are imported when first used, so that ``import vaesym`` starts none of its dependencies.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vaesym.advisor import Advice, CollapseThresholds, LossScale, OneMore, advise, collapse_thresholds, one_more
    from vaesym.estimator import LinearVAE
    from vaesym.inputs import InputError
    from vaesym.monitor import Monitor
    from vaesym.theory import (
        BifurcationDiagram,
        Branches,
        Certificate,
        Phase,
        SaddlePoints,
        Solution,
        Stability,
        bifurcation_diagram,
        branches,
        certify,
        certify_threshold,
        certify_tricritical,
        collapse_threshold,
        derivatives,
        global_collapse_threshold,
        kl_curves,
        learning_curve,
        optimal_beta,
        optimal_beta_curve,
        phase_diagram,
        plateau_curve,
        plateau_end,
        rate_distortion,
        saddle_points,
        solve,
        spectrum_law,
        spinodal,
        tricritical_points,
    )

__version__ = "0.1.0"

_HOMES = {
    "Advice": "vaesym.advisor",
    "BifurcationDiagram": "vaesym.theory",
    "Branches": "vaesym.theory",
    "Certificate": "vaesym.theory",
    "CollapseThresholds": "vaesym.advisor",
    "InputError": "vaesym.inputs",
    "LinearVAE": "vaesym.estimator",
    "LossScale": "vaesym.advisor",
    "Monitor": "vaesym.monitor",
    "OneMore": "vaesym.advisor",
    "Phase": "vaesym.theory",
    "SaddlePoints": "vaesym.theory",
    "Solution": "vaesym.theory",
    "Stability": "vaesym.theory",
    "advise": "vaesym.advisor",
    "bifurcation_diagram": "vaesym.theory",
    "branches": "vaesym.theory",
    "certify": "vaesym.theory",
    "certify_threshold": "vaesym.theory",
    "certify_tricritical": "vaesym.theory",
    "collapse_threshold": "vaesym.theory",
    "collapse_thresholds": "vaesym.advisor",
    "derivatives": "vaesym.theory",
    "global_collapse_threshold": "vaesym.theory",
    "kl_curves": "vaesym.theory",
    "learning_curve": "vaesym.theory",
    "one_more": "vaesym.advisor",
    "optimal_beta": "vaesym.theory",
    "optimal_beta_curve": "vaesym.theory",
    "phase_diagram": "vaesym.theory",
    "plateau_curve": "vaesym.theory",
    "plateau_end": "vaesym.theory",
    "rate_distortion": "vaesym.theory",
    "saddle_points": "vaesym.theory",
    "solve": "vaesym.theory",
    "spectrum_law": "vaesym.theory",
    "spinodal": "vaesym.theory",
    "tricritical_points": "vaesym.theory",
}

__all__ = [
    "Advice",
    "BifurcationDiagram",
    "Branches",
    "Certificate",
    "CollapseThresholds",
    "InputError",
    "LinearVAE",
    "LossScale",
    "Monitor",
    "OneMore",
    "Phase",
    "SaddlePoints",
    "Solution",
    "Stability",
    "__version__",
    "advise",
    "bifurcation_diagram",
    "branches",
    "certify",
    "certify_threshold",
    "certify_tricritical",
    "collapse_threshold",
    "collapse_thresholds",
    "derivatives",
    "global_collapse_threshold",
    "kl_curves",
    "learning_curve",
    "one_more",
    "optimal_beta",
    "optimal_beta_curve",
    "phase_diagram",
    "plateau_curve",
    "plateau_end",
    "rate_distortion",
    "saddle_points",
    "solve",
    "spectrum_law",
    "spinodal",
    "tricritical_points",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'vaesym' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
