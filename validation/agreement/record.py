"""The report as plain numbers, for machines."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from validation.agreement.boundaries import BOUNDARIES
from validation.agreement.gathering import Measurements
from validation.agreement.judging import Verdict
from validation.agreement.measurement import Comparison
from validation.agreement.points import Point
from validation.agreement.statistics import LEVEL, fraction_interval


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: what is not finite as null.

    >>> plain({"z": np.float64("nan"), "sizes": (1, 2)})
    {'z': None, 'sizes': [1, 2]}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _comparison(points: list[Point], one: Comparison) -> dict[str, Any]:
    point = points[one.point]
    given = {field.name: getattr(point, field.name) for field in dataclasses.fields(point)}
    return {**plain(given), "phase": point.phase.name.lower(), **plain(one)}


def convergence(found: Measurements) -> dict[str, Any]:
    """Return how many trainings converged and how many ended at the global minimum, in all and by point."""
    ends, table = found.trained_ends, found.tables["trained"]
    rows = []
    for i, point in enumerate(found.trained_points):
        at = table["point"] == i
        rows.append({**{name: plain(getattr(point, name)) for name in ("alpha", "beta", "lam", "strengths", "noise",
                                                                     "latents", "law")},
                     "phase": point.phase.name.lower(), "runs": int(at.sum()),
                     "converged": int(ends.converged[at].sum()), "global": int(ends.globally[at].sum()),
                     "worst_excess": float(ends.excess[at].max())})
    total = len(ends.globally)
    both = int((ends.converged & ends.globally).sum())
    return {"runs": total, "converged": int(ends.converged.sum()), "global": int(ends.globally.sum()),
            "global_interval": list(fraction_interval(int(ends.globally.sum()), total)),
            "converged_and_global": both, "points": rows}


def record(found: Measurements, verdicts: list[Verdict], seconds: float) -> dict[str, Any]:
    """Return everything that the report rests on."""
    return {
        "preset": plain(found.preset), "seed": found.seed, "seconds": seconds, "level": LEVEL, "runs": found.runs,
        "claims": [{"label": v.finding.label, "statement": v.finding.statement, "measured": v.finding.measured,
                    "verdict": v.verdict, "corrected_p": v.corrected, "joint": plain(v.joint),
                    "detectable_common_deviation": plain(v.deviation), "rival": v.finding.rival,
                    "broken": list(v.broken), "scores": plain(v.finding.scores),
                    "equalities": [{**plain(e), "holds": e.holds} for e in v.finding.equalities]} for v in verdicts],
        "points": [_comparison(found.points, one) for one in found.comparisons],
        "near_transitions": [_comparison(found.near, one) for one in found.near_comparisons],
        "trained_points": [_comparison(found.trained_points, one) for one in found.trained_comparisons],
        "trainings": convergence(found),
        "boundaries": [{**plain(BOUNDARIES[end.boundary]), **plain(end),
                        "collapse_end": BOUNDARIES[end.boundary].collapse_end,
                        "coexistence": BOUNDARIES[end.boundary].coexistence,
                        "active_end": BOUNDARIES[end.boundary].active_end} for end in found.ends],
    }
