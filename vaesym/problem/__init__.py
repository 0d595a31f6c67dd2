"""What a user states: a learning problem, its data, its loss and its penalty, in SymPy."""

from vaesym.problem.data import (
    ClusterLabel,
    Data,
    LinearLabel,
    Planted,
    RandomLabel,
    SignLabel,
    Unlabelled,
    binary,
    normal,
    point_masses,
    random_signs,
    sparse,
    spread_evenly,
)
from vaesym.problem.pieces import Piece, pieces
from vaesym.problem.problem import Parameter, Problem, field, label, planted, teacher, weight
from vaesym.problem.students import Student, Students

__all__ = [
    "ClusterLabel",
    "Data",
    "LinearLabel",
    "Parameter",
    "Piece",
    "Planted",
    "Problem",
    "RandomLabel",
    "SignLabel",
    "Student",
    "Students",
    "Unlabelled",
    "binary",
    "field",
    "label",
    "normal",
    "pieces",
    "planted",
    "point_masses",
    "random_signs",
    "sparse",
    "spread_evenly",
    "teacher",
    "weight",
]
