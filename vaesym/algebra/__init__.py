"""Steps of a derivation that check themselves. Nothing here knows any physics."""

from vaesym.algebra.checks import Kind, Verdict, compare, reduces_to_zero
from vaesym.algebra.domain import Domain, draw_point
from vaesym.algebra.fractions import lowest_terms
from vaesym.algebra.mutate import mutations
from vaesym.algebra.pointwise import Pointwise
from vaesym.algebra.step import Step, to_latex

__all__ = [
    "Domain",
    "Kind",
    "Pointwise",
    "Step",
    "Verdict",
    "compare",
    "draw_point",
    "lowest_terms",
    "mutations",
    "reduces_to_zero",
    "to_latex",
]
