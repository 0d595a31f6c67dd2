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

#: Where a name lives; those that are not listed live in vaesym.linear_vae.
_HOMES = {
    "Advice": "vaesym.practice",
    "CollapseThresholds": "vaesym.practice",
    "Data": "vaesym.problem",
    "InputError": "vaesym.inputs",
    "LinearVAE": "vaesym.practice.estimator",
    "LossScale": "vaesym.practice",
    "Monitor": "vaesym.practice.monitor",
    "OneMore": "vaesym.practice",
    "Problem": "vaesym.problem",
    "Recovery": "vaesym.linear_vae.sparse",
    "Scan": "vaesym.practice.scan",
    "advise": "vaesym.practice",
    "collapse_thresholds": "vaesym.practice",
    "confront": "vaesym.engine",
    "derive": "vaesym.replica.derive",
    "explore": "vaesym.page",
    "follow": "vaesym.engine",
    "kink_threshold": "vaesym.linear_vae.sparse",
    "localised_gain": "vaesym.linear_vae.sparse",
    "one_more": "vaesym.practice",
    "plot": "vaesym.figures",
    "problems": "vaesym.problems",
    "scan": "vaesym.practice.scan",
    "simulate": "vaesym.engine",
    "solve_problem": "vaesym.engine",
    "sparse_recovery": "vaesym.linear_vae.sparse",
    "sparse_thresholds": "vaesym.linear_vae.sparse",
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
    if name not in __all__:
        raise AttributeError(f"module 'vaesym' has no attribute {name!r}")
    home = importlib.import_module(_HOMES.get(name, "vaesym.linear_vae"))
    value = home if name in ("plot", "problems") else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
