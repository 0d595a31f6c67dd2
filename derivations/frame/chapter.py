"""A chapter: prose and steps, looked up by label."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from vaesym.algebra import Step


def folded(steps: tuple[Step, ...], where: Mapping[sp.Basic, sp.Basic]) -> tuple[Step, ...]:
    """Return the steps with abbreviations: symbols that stand for expressions and are printed as they are."""
    return tuple(dataclasses.replace(step, where={**where, **step.where}) for step in steps)


@dataclass(frozen=True)
class Chapter(Mapping[str, Step]):
    """Steps in order, under a title.

    Parameters
    ----------
    name : the name on the command line
    title : the printed title
    introduction : LaTeX text
    steps : the steps, with unique labels
    """

    name: str
    title: str
    introduction: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        labels = [step.label for step in self.steps]
        repeated = sorted({label for label in labels if labels.count(label) > 1})
        if repeated:
            raise ValueError(f"expected unique labels in chapter {self.name}; received {repeated} twice; rename them")

    def __getitem__(self, label: str) -> Step:
        for step in self.steps:
            if step.label == label:
                return step
        raise KeyError(f"no step {label!r} in chapter {self.name!r}; there are {[s.label for s in self.steps]}")

    def __iter__(self) -> Iterator[str]:
        return (step.label for step in self.steps)

    def __len__(self) -> int:
        return len(self.steps)
