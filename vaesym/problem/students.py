"""Several vectors of weights trained together, and scalars that are trained with them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import sympy as sp


@dataclass(frozen=True)
class Student:
    r"""One vector of weights w.

    Parameters
    ----------
    name : a word for it, of which names at the API are made (``zero_decoder``)
    field : the symbol of its field, :math:`w\cdot x/\sqrt N`
    weight : the symbol of one of its rows
    norm : the symbol of ‖w‖²/N
    overlap : the symbol of w·w*/N
    """

    name: str
    field: sp.Symbol
    weight: sp.Symbol
    norm: sp.Symbol
    overlap: sp.Symbol


@dataclass(frozen=True)
class Students:
    """All of them, and the symbols of the scalar products of each pair over N, in the order (1, 2), (1, 3), (2, 3) …"""

    each: tuple[Student, ...]
    products: tuple[sp.Symbol, ...] = ()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.each)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The entries of a symmetric matrix, as its upper triangle has them row by row."""
        return list(itertools.combinations_with_replacement(range(self.count), 2))

    def symmetric(self, entries: Any) -> sp.ImmutableMatrix:
        """Return the symmetric matrix of entries in the order of :attr:`pairs`."""
        by_place = dict(zip(self.pairs, entries, strict=True))
        return sp.ImmutableMatrix(self.count, self.count, lambda i, j: by_place[min(i, j), max(i, j)])

    @property
    def overlaps(self) -> list[sp.Symbol]:
        """Symbols of the scalar products over N, in the order of :attr:`pairs`."""
        products = iter(self.products)
        return [self.each[i].norm if i == j else next(products) for i, j in self.pairs]

    @property
    def planted(self) -> list[sp.Symbol]:
        """Symbols of the overlaps with the planted direction."""
        return [student.overlap for student in self.each]

    @property
    def susceptibilities(self) -> list[sp.Symbol]:
        """Symbols of the answers of weights to forces, in the order of :attr:`pairs`."""
        if self.count == 1:
            return [sp.Symbol("chi", positive=True)]
        fields = [student.field.name for student in self.each]
        return [sp.Symbol(f"chi_{fields[i]}{fields[j]}", real=True) for i, j in self.pairs]

    @property
    def state(self) -> list[sp.Symbol]:
        """All order parameters: overlaps, planted overlaps, susceptibilities."""
        return [*self.overlaps, *self.planted, *self.susceptibilities]

    @property
    def meanings(self) -> list[str]:
        """What each order parameter is, in words, in the order of :attr:`state`."""
        names = [student.name for student in self.each]
        pairs = [(names[i], names[j]) for i, j in self.pairs]
        return [*[f"scalar product of {a} and {b} over $N$" if a != b else f"squared norm of the {a} over $N$"
                  for a, b in pairs], *[f"overlap of the {name} with the planted direction over $N$" for name in names],
                *[f"how the {a} gives way to a force on the {b}" for a, b in pairs]]

    @property
    def fields(self) -> list[sp.Symbol]:
        """Symbols of the fields."""
        return [student.field for student in self.each]

    @property
    def weights(self) -> list[sp.Symbol]:
        """Symbols of one row of each."""
        return [student.weight for student in self.each]
