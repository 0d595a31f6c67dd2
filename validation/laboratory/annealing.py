"""Annealing of the KL term: β is multiplied by a factor that grows to 1 during training."""

from __future__ import annotations

from dataclasses import dataclass

from vaesym import inputs
from vaesym.inputs import InputError

KINDS = ("none", "linear", "cyclical")


@dataclass(frozen=True)
class Annealing:
    """Schedule of the factor that multiplies β.

    Parameters
    ----------
    kind : "none" (always 1), "linear" (from ``start`` to 1 in ``epochs`` epochs, then 1), or "cyclical" (``cycles``
        equal parts of ``epochs``, each linear in its first half and 1 in its second; 1 after the last)
    epochs : length of the schedule, ≥ 1
    start : factor at the beginning, from 0 to 1
    cycles : number of cycles, ≥ 1

    Raises
    ------
    vaesym.InputError
        A field outside its domain.

    Notes
    -----
    Source of the cyclical schedule: Fu et al., NAACL 2019.

    Examples
    --------
    >>> linear = Annealing("linear", epochs=10)
    >>> [linear.factor(epoch) for epoch in (0, 5, 10, 20)]
    [0.0, 0.5, 1.0, 1.0]
    """

    kind: str = "none"
    epochs: int = 1
    start: float = 0.0
    cycles: int = 1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"annealing among {', '.join(KINDS)}", f"{self.kind!r}", "choose one of them")
        inputs.count("epochs", self.epochs)
        inputs.count("cycles", self.cycles)
        if inputs.non_negative("start", self.start) > 1:
            raise InputError("start between 0 and 1", f"{self.start}", "give the share of β to begin with")

    def factor(self, epoch: int) -> float:
        """Return the factor at an epoch counted from 0.

        >>> [Annealing("cyclical", epochs=8, cycles=2).factor(epoch) for epoch in range(9)]
        [0.0, 0.5, 1.0, 1.0, 0.0, 0.5, 1.0, 1.0, 1.0]
        """
        if self.kind == "none" or epoch >= self.epochs:
            return 1.0
        if self.kind == "linear":
            progress = epoch / self.epochs
        else:
            length = self.epochs / self.cycles
            progress = min(1.0, 2 * (epoch % length) / length)
        return self.start + (1 - self.start) * progress
