"""Chapter: the papers' form of the free energy with conjugate variables, and its equivalence."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter
from derivations.linear_vae.replicas.matrices import MATRICES, POSITIVE
from vaesym.algebra import Step
from vaesym.linear_vae.saddle import free_energy
from vaesym.linear_vae.statement.symbols import (
    D,
    Q,
    alpha,
    beta,
    domains_of,
    eta,
    lam,
    sym,
    temperature,
)

_DOMAINS = domains_of()
_G = sp.Matrix([[sym("G_hat_kk"), sym("G_hat_kh")], [sym("G_hat_kh"), sym("G_hat_hh")]])
_X = sp.Matrix([[sym("chi_hat_kk"), sym("chi_hat_kh")], [sym("chi_hat_kh"), sym("chi_hat_hh")]])
_S = sp.Matrix([sym("m_hat"), sym("d_hat")])
_RIDGE = lam * sp.eye(2) + _G
# The Gaussian integral over the weights of a site needs λ + Ĝ ≻ 0.
_CONVERGENT = (_RIDGE[0, 0] > 0, _RIDGE.det() > 0)

# The same, folded: how the statements are printed.
_MATRICES = {
    sp.MatrixSymbol("Ghat", 2, 2): sp.ImmutableMatrix(_G),
    sp.MatrixSymbol("chihat", 2, 2): sp.ImmutableMatrix(_X),
    sp.MatrixSymbol("muhat", 2, 1): sp.ImmutableMatrix(_S),
    **MATRICES,
}
_g, _x, _s, _chi, _omega, _mu, _a, _c = _MATRICES
_fold_ridge = lam * sp.Identity(2) + _g
_fold_site = _fold_ridge.I


def _site_at_two() -> sp.Expr:
    return free_energy.conjugates().site_matrix().explicit(2).det(method="berkowitz")


def _saddle_gradient() -> sp.Matrix:
    """Gradient of the conjugate free energy in the eight hats, at their solution."""
    solution = free_energy.conjugate_solution()
    full = free_energy.conjugate_free_energy()
    return sp.Matrix([sp.diff(full, hat).subs(solution, simultaneous=True) for hat in solution])


def _solution_matrices() -> tuple[sp.ImmutableMatrix, ...]:
    solution = free_energy.conjugate_solution()
    hats = free_energy.conjugates()
    return tuple(matrix.xreplace(solution) for matrix in (hats.precision, hats.variance, hats.drive))


STEPS = (
    Step("site-determinant", "One site, two replicas explicitly", sp.Symbol(r"\det\nolimits_2"), _site_at_two,
         sp.Determinant(_fold_ridge / temperature)
         * sp.Determinant(_fold_ridge / temperature - 2 * _x / temperature**2), _DOMAINS, "[IH] App. C.2",
         where=_MATRICES,
         prose=r"Delta functions fix the overlaps; their Fourier variables are $\hat G/T$ within a replica, "
               r"$-\hat\chi/T^2$ for all pairs and $\hat\mu/T$ for the planted overlap. The weights decouple over "
               r"sites, and two replicas of one site have the inverse covariance with determinant"),
    Step("conjugate-entropy", "Entropy with conjugates", sp.Symbol("f_S"), lambda: free_energy.conjugates().free_part(),
         -sp.Trace(_g * _omega) / 2 + sp.Trace(_x * _chi) / 2 + sp.Trace(_s.T * _mu)
         - sp.Trace(_fold_site * (_x + _s * _s.T)) / 2,
         _DOMAINS, "[IH] Eq. 12", ("$\\lambda I+\\hat G\\succ0$",), _CONVERGENT, _MATRICES,
         argued="that the limits of N and n may be exchanged, and that the conjugates are at their saddle",
         prose=r"As $n\to0$ and $T\to0$ entropy and weight decay become"),
    Step("hats", "The conjugates at their saddle", sp.Tuple(_g, _x, _s), _solution_matrices,
         (_chi.I - lam * sp.Identity(2), _chi.I * (_omega - _mu * _mu.T) * _chi.I, _chi.I * _mu), _DOMAINS, "new",
         ("χ ≻ 0",), POSITIVE, _MATRICES, prose="The saddle in the conjugates is at"),
    Step("hats-stationary", "The saddle is stationary", sp.Symbol(r"\partial_{\hat G,\hat\chi,\hat\mu}f"),
         _saddle_gradient, sp.zeros(8, 1), _DOMAINS, "new", ("χ ≻ 0",), POSITIVE,
         prose="where the gradient in all eight conjugates vanishes:"),
    Step("elimination", "Hats out", sp.Symbol("f"), free_energy.eliminate_conjugates,
         lam * sp.Trace(_omega) / 2 - sp.Trace(_chi.I * (_omega - _mu * _mu.T)) / 2 + alpha * (
             sp.Trace((sp.Identity(2) + eta * _a * _chi).I * _a * _c) / 2 + Q * D / 2
             + beta * (D - sp.log(D) - 1) / 2),
         _DOMAINS, "new", ("χ ≻ 0",), POSITIVE, _MATRICES,
         prose="Put back, the conjugates leave exactly the free energy of the direct derivation:"),
)

CHAPTER = Chapter(
    "conjugate", "The conjugate form",
    "The literature writes the same free energy with conjugate (hatted) variables. Both forms are derived here from "
    "the replicated partition function, and eliminating the hats joins them.", STEPS,
    question="Is the free energy that of the literature, which counts weights by other means?",
    answer=r"Yes. Delta functions, their Fourier variables and an integral over one site count the weights a second "
           r"time, "
           r"and at the saddle of the conjugates both free energies are one function of the nine order parameters.",
    small=("elimination",))

