"""A chapter: prose and steps, looked up by label."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import sympy as sp

from vaesym.algebra import Step

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def folded(steps: tuple[Step, ...], where: Mapping[sp.Basic, sp.Basic]) -> tuple[Step, ...]:
    """Return the steps with abbreviations: symbols that stand for expressions and are printed as they are."""
    return tuple(dataclasses.replace(step, where={**where, **step.where}) for step in steps)


@dataclass(frozen=True)
class Plate:
    """A figure of a chapter.

    Parameters
    ----------
    name : the name of its file and label
    after : the label of the step behind which it stands
    caption : LaTeX text
    draw : returns the figure; only called when the book is written
    wide : whether it takes the whole width of the text, as one of two panels needs to be read
    """

    name: str
    after: str
    caption: str
    draw: Callable[[], Figure]
    wide: bool = False


@dataclass(frozen=True)
class Volume:
    """What a book has beside its chapters.

    Parameters
    ----------
    title, subtitle : for the title page, LaTeX text
    symbols : (symbol, meaning, domain) of every letter that is printed; those that occur are listed
    notation : (LaTeX, meaning) of what is no symbol of its own: matrices, functions
    chapters : the titles of all chapters by name, for references to those that are left out
    letters : by chapter, LaTeX and meaning of letters that have it in that chapter only
    """

    title: str
    subtitle: str = ""
    symbols: tuple[tuple[sp.Symbol, str, str], ...] = ()
    notation: tuple[tuple[str, str], ...] = ()
    chapters: Mapping[str, str] = field(default_factory=dict[str, str])
    letters: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])


@dataclass(frozen=True)
class Chapter(Mapping[str, Step]):
    """Steps in order, under a title.

    Parameters
    ----------
    name : the name on the command line
    title : the printed title
    introduction : LaTeX text
    steps : the steps, with unique labels
    question, answer : LaTeX text before and behind the steps
    plates : figures, each behind a step
    small : labels of steps whose formula leaves no room for its number, and is printed in a smaller size
    """

    name: str
    title: str
    introduction: str
    steps: tuple[Step, ...]
    question: str = ""
    answer: str = ""
    plates: tuple[Plate, ...] = ()
    small: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        labels = [step.label for step in self.steps]
        repeated = sorted({label for label in labels if labels.count(label) > 1})
        if repeated:
            raise ValueError(f"expected unique labels in chapter {self.name}; received {repeated} twice; rename them")
        lost = [plate.name for plate in self.plates if plate.after not in labels]
        if lost:
            raise ValueError(f"expected figures behind steps of chapter {self.name}; received {lost} elsewhere; "
                             "name a step of the chapter")
        if not {*self.small} <= {*labels}:
            raise ValueError(f"expected labels of steps of chapter {self.name}; received {self.small}; "
                             "name steps of the chapter")

    def __getitem__(self, label: str) -> Step:
        for step in self.steps:
            if step.label == label:
                return step
        raise KeyError(f"no step {label!r} in chapter {self.name!r}; there are {[s.label for s in self.steps]}")

    def __iter__(self) -> Iterator[str]:
        return (step.label for step in self.steps)

    def __len__(self) -> int:
        return len(self.steps)
