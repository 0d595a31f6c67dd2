"""Solvers that know no problem: batched Newton with a status per point, continuation, proved roots."""

from vaesym.solvers.branching import Family
from vaesym.solvers.continuation import crossings, follow, start_point, switch_branch, trace
from vaesym.solvers.curve import Curve, CurvePoint, CurveStatus, PointKind, StepSettings
from vaesym.solvers.krawczyk import Ball, Enclosure, Proof, enclose, isolate, krawczyk
from vaesym.solvers.newton import NewtonResult, NewtonSettings, Status, newton

__all__ = [
    "Ball",
    "Curve",
    "CurvePoint",
    "CurveStatus",
    "Enclosure",
    "Family",
    "NewtonResult",
    "NewtonSettings",
    "PointKind",
    "Proof",
    "Status",
    "StepSettings",
    "crossings",
    "enclose",
    "follow",
    "isolate",
    "krawczyk",
    "newton",
    "start_point",
    "switch_branch",
    "trace",
]
