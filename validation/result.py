"""What a check of the laboratory reports."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class CheckResult:
    """One check: what was compared, how far apart it was, and how far it may be."""

    name: str
    compared: int
    worst: float
    allowed: float
    unit: str
    details: dict[str, float] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the worst difference is within what is allowed."""
        return bool(self.worst <= self.allowed)
