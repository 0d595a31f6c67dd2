"""The KL weight over the training, and how often a batch is looked at."""

from __future__ import annotations

from typing import Any

from vaesym import inputs

#: Samples that the first tenth of a training should have, and the longest stride between samples.
_SAMPLES, _STRIDE = 50, 10
#: Relative change of β that counts as none.
_SAME = 0.01


class Schedule:
    """The KL weight: its final value, the one in use, and the one at which the present history began.

    >>> schedule = Schedule(2.0)
    >>> schedule.move(1.0), schedule.finished
    (True, False)
    """

    def __init__(self, final: float) -> None:
        self.final = self.used = self.began = final

    @property
    def finished(self) -> bool:
        """Whether β has come to its final value."""
        return _same(self.used, self.final)

    def move(self, beta: Any) -> bool:
        """Set the β in use; returns whether it is another than that of the history, which must then begin anew."""
        self.used = float(inputs.non_negative("beta", beta)[()])
        if _same(self.used, self.began):
            return False
        self.began = self.used
        return True

    def state(self) -> dict[str, float]:
        """Return the three values."""
        return {"final": self.final, "used": self.used, "began": self.began}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` gave, except the final value, which the caller compares."""
        self.used, self.began = float(state["used"]), float(state["began"])


def stride(total_steps: int | None) -> int:
    """Return how many steps lie between two batches that are looked at: at most ten.

    >>> stride(None), stride(4000), stride(100)
    (10, 8, 1)
    """
    if total_steps is None:
        return _STRIDE
    return min(_STRIDE, max(1, inputs.count("total_steps", total_steps) // (10 * _SAMPLES)))


def _same(beta: float, other: float) -> bool:
    return abs(beta - other) <= _SAME * other
