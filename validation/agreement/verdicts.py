"""The verdicts on all claims."""

from __future__ import annotations

from collections.abc import Callable

from validation.agreement import claims, special_claims
from validation.agreement.gathering import Measurements
from validation.agreement.judging import Finding, Verdict, judge

#: What is measured of each claim, in the order of the report.
CLAIMS: tuple[Callable[[Measurements], Finding], ...] = (
    claims.exact_solution, claims.trained_solution, claims.unlimited, special_claims.unlimited_stability,
    claims.gaussian_source, special_claims.covariance, special_claims.stability, special_claims.plateau,
    special_claims.escape, special_claims.order, special_claims.peak, claims.best_beta, special_claims.training_curve,
    special_claims.replicon, claims.fluctuations, special_claims.learned_variance, claims.unequal_spikes)


def verdicts(found: Measurements) -> list[Verdict]:
    """Return the verdict on each claim."""
    return judge([claim(found) for claim in CLAIMS])
