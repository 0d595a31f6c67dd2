"""The exact theory of variational autoencoders as software you can compute with.

Names are imported when first used, so that ``import vaesym`` starts none of its dependencies.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vaesym import figures as plot
    from vaesym import problems
    from vaesym.engine import confront, follow, simulate, solve_problem
    from vaesym.inputs import InputError
    from vaesym.linear_vae import (
        BifurcationDiagram,
        Branches,
        Certificate,
        LevelThresholds,
        Phase,
        SaddlePoints,
        Solution,
        Stability,
        States,
        best_annealing,
        best_stopping,
        bifurcation_diagram,
        branches,
        certify,
        certify_threshold,
        certify_tricritical,
        collapse_threshold,
        conditional_threshold,
        derivatives,
        global_collapse_threshold,
        gradient_flow,
        growth_rate,
        hierarchical_thresholds,
        kl_curves,
        learned_variance_threshold,
        learning_curve,
        online_dynamics,
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
        tied_threshold,
        tricritical_points,
        unequal_decay_threshold,
        waking_time,
    )
    from vaesym.linear_vae.sparse import Recovery, kink_threshold, localised_gain, sparse_recovery, sparse_thresholds
    from vaesym.page import explore
    from vaesym.practice import Advice, CollapseThresholds, LossScale, OneMore, advise, collapse_thresholds, one_more
    from vaesym.practice.estimator import LinearVAE
    from vaesym.practice.monitor import Monitor
    from vaesym.practice.scan import Scan, scan
    from vaesym.problem import Data, Problem
    from vaesym.replica.derive import derive

__version__ = "0.1.0"

_HOMES = {
    "Advice": "vaesym.practice",
    "BifurcationDiagram": "vaesym.linear_vae",
    "Branches": "vaesym.linear_vae",
    "Certificate": "vaesym.linear_vae",
    "CollapseThresholds": "vaesym.practice",
    "Data": "vaesym.problem",
    "InputError": "vaesym.inputs",
    "LevelThresholds": "vaesym.linear_vae",
    "LinearVAE": "vaesym.practice.estimator",
    "LossScale": "vaesym.practice",
    "Monitor": "vaesym.practice.monitor",
    "OneMore": "vaesym.practice",
    "Phase": "vaesym.linear_vae",
    "Problem": "vaesym.problem",
    "Recovery": "vaesym.linear_vae.sparse",
    "SaddlePoints": "vaesym.linear_vae",
    "Scan": "vaesym.practice.scan",
    "Solution": "vaesym.linear_vae",
    "Stability": "vaesym.linear_vae",
    "States": "vaesym.linear_vae",
    "advise": "vaesym.practice",
    "best_annealing": "vaesym.linear_vae",
    "best_stopping": "vaesym.linear_vae",
    "bifurcation_diagram": "vaesym.linear_vae",
    "branches": "vaesym.linear_vae",
    "certify": "vaesym.linear_vae",
    "certify_threshold": "vaesym.linear_vae",
    "certify_tricritical": "vaesym.linear_vae",
    "collapse_threshold": "vaesym.linear_vae",
    "collapse_thresholds": "vaesym.practice",
    "conditional_threshold": "vaesym.linear_vae",
    "confront": "vaesym.engine",
    "derivatives": "vaesym.linear_vae",
    "derive": "vaesym.replica.derive",
    "explore": "vaesym.page",
    "follow": "vaesym.engine",
    "global_collapse_threshold": "vaesym.linear_vae",
    "gradient_flow": "vaesym.linear_vae",
    "growth_rate": "vaesym.linear_vae",
    "hierarchical_thresholds": "vaesym.linear_vae",
    "kink_threshold": "vaesym.linear_vae.sparse",
    "kl_curves": "vaesym.linear_vae",
    "learned_variance_threshold": "vaesym.linear_vae",
    "learning_curve": "vaesym.linear_vae",
    "localised_gain": "vaesym.linear_vae.sparse",
    "one_more": "vaesym.practice",
    "online_dynamics": "vaesym.linear_vae",
    "optimal_beta": "vaesym.linear_vae",
    "optimal_beta_curve": "vaesym.linear_vae",
    "phase_diagram": "vaesym.linear_vae",
    "plateau_curve": "vaesym.linear_vae",
    "plateau_end": "vaesym.linear_vae",
    "plot": "vaesym.figures",
    "problems": "vaesym.problems",
    "rate_distortion": "vaesym.linear_vae",
    "saddle_points": "vaesym.linear_vae",
    "scan": "vaesym.practice.scan",
    "simulate": "vaesym.engine",
    "solve": "vaesym.linear_vae",
    "solve_problem": "vaesym.engine",
    "sparse_recovery": "vaesym.linear_vae.sparse",
    "sparse_thresholds": "vaesym.linear_vae.sparse",
    "spectrum_law": "vaesym.linear_vae",
    "spinodal": "vaesym.linear_vae",
    "tied_threshold": "vaesym.linear_vae",
    "tricritical_points": "vaesym.linear_vae",
    "waking_time": "vaesym.linear_vae",
    "unequal_decay_threshold": "vaesym.linear_vae",
}

__all__ = [
    "Advice",
    "BifurcationDiagram",
    "Branches",
    "Certificate",
    "CollapseThresholds",
    "Data",
    "InputError",
    "LevelThresholds",
    "LinearVAE",
    "LossScale",
    "Monitor",
    "OneMore",
    "Phase",
    "Problem",
    "Recovery",
    "SaddlePoints",
    "Scan",
    "Solution",
    "Stability",
    "States",
    "__version__",
    "advise",
    "best_annealing",
    "best_stopping",
    "bifurcation_diagram",
    "branches",
    "certify",
    "certify_threshold",
    "certify_tricritical",
    "collapse_threshold",
    "collapse_thresholds",
    "conditional_threshold",
    "confront",
    "derivatives",
    "derive",
    "explore",
    "follow",
    "global_collapse_threshold",
    "gradient_flow",
    "growth_rate",
    "hierarchical_thresholds",
    "kink_threshold",
    "kl_curves",
    "learned_variance_threshold",
    "learning_curve",
    "localised_gain",
    "one_more",
    "online_dynamics",
    "optimal_beta",
    "optimal_beta_curve",
    "phase_diagram",
    "plateau_curve",
    "plateau_end",
    "plot",
    "problems",
    "rate_distortion",
    "saddle_points",
    "scan",
    "simulate",
    "solve",
    "solve_problem",
    "sparse_recovery",
    "sparse_thresholds",
    "spectrum_law",
    "spinodal",
    "tied_threshold",
    "tricritical_points",
    "unequal_decay_threshold",
    "waking_time",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'vaesym' has no attribute {name!r}")
    home = importlib.import_module(_HOMES[name])
    value = home if name in ("plot", "problems") else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
