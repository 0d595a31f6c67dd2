"""Solvers that know no problem: batched Newton with a status per point, real roots of cubics."""

from vaesym.solvers.cubic import real_cubic_roots
from vaesym.solvers.newton import NewtonResult, NewtonSettings, Status, newton

__all__ = ["NewtonResult", "NewtonSettings", "Status", "newton", "real_cubic_roots"]
