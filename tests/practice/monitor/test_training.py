"""The monitor on real trainings, small ones: it names the latents that die, and is silent where all live.

The full version, with seeds that were not used to set the rule, is ``python -m validation.benchmarks.monitor``.
"""

import pytest

pytest.importorskip("torch")

from validation.benchmarks.monitor import Case, watch

STRONG = Case("β above all eigenvalues", "digits", 2, 1.0, 5e-3, 2000, hidden=32, batch=32)
HEALTHY = Case("healthy", "digits", 2, 0.1, 5e-3, 1500, healthy=True, hidden=32, batch=32)


@pytest.mark.parametrize("case", [STRONG, HEALTHY], ids=lambda case: case.name)
def test_small_trainings(case):
    (outcome,) = watch(case, [1])
    assert outcome.passed, outcome
