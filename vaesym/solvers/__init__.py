"""Solvers that know no problem: batched Newton with a status per point, continuation, real roots of cubics."""

from vaesym.solvers.branching import Family
from vaesym.solvers.continuation import crossings, follow, start_point, switch_branch, trace
from vaesym.solvers.cubic import real_cubic_roots
from vaesym.solvers.curve import Curve, CurvePoint, CurveStatus, PointKind, StepSettings
from vaesym.solvers.newton import NewtonResult, NewtonSettings, Status, newton

__all__ = [
    "Curve",
    "CurvePoint",
    "CurveStatus",
    "Family",
    "NewtonResult",
    "NewtonSettings",
    "PointKind",
    "Status",
    "StepSettings",
    "crossings",
    "follow",
    "newton",
    "real_cubic_roots",
    "start_point",
    "switch_branch",
    "trace",
]
