"""Chapter: the exact minimum for any data, by elimination, and that the replica method finds the same."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter, folded
from derivations.linear_vae import plates
from derivations.linear_vae.minimum import certificate
from vaesym.algebra import Step, lowest_terms
from vaesym.linear_vae.exact import eigenvector, minimum
from vaesym.linear_vae.exact.minimum import optimal_encoder, optimal_variance
from vaesym.linear_vae.sample import random_matrix
from vaesym.linear_vae.statement.loss import loss_constant, loss_matrix
from vaesym.linear_vae.statement.symbols import (
    D,
    E,
    Q,
    R,
    alpha,
    beta,
    d,
    domains_of,
    eigenvalue,
    eta,
    indexed,
    indexed_domains,
    lam,
    m,
    overlap,
    resolvent,
    rho,
    root_alpha,
    spectral,
    sym,
    v,
    w,
)

#: Decoder and encoder rows of two latents along one eigenvector, and the 2 × 2 matrix WᵀW/N.
DECODER = sp.ImmutableMatrix([indexed("w", 1), indexed("w", 2)])
ENCODER = sp.ImmutableMatrix([indexed("v", 1), indexed("v", 2)])
NORMS = sp.ImmutableMatrix(2, 2, lambda i, j: indexed("Q", *sorted((i + 1, j + 1))))


def variance_cost(latents: int = 2) -> sp.Expr:
    r"""Return :math:`e^{2c/\beta}` of the cost c of the posterior variances at their best, Π (1 + Q_ll/β)."""
    cost = loss_constant().subs(D, optimal_variance())
    single = sp.simplify(sp.exp(sp.expand(2 * cost / beta)))
    return sp.prod([single.xreplace({Q: NORMS[i, i]}) for i in range(latents)])


def hadamard_excess() -> sp.Expr:
    r"""Return by how much Π(Q_ll+β) exceeds det(Q+β) for two latents; it is a square.

    So at given eigenvalues of WᵀW the variances cost least when it is diagonal.
    """
    shifted = NORMS + beta * sp.eye(2)
    return sp.expand(beta**2 * variance_cost() - shifted.det())


def encoder_gain() -> sp.Expr:
    """Return what the best encoder of two latents gains along one eigenvector, for any WᵀW/N."""
    shifted = NORMS + beta * sp.eye(2)
    form = -eigenvalue * (DECODER.T * ENCODER)[0, 0] + eigenvalue * (ENCODER.T * shifted * ENCODER)[0, 0] / 2
    loss = alpha * form + lam * (ENCODER.T * ENCODER)[0, 0] / 2
    best = sp.solve([sp.diff(loss, entry) for entry in ENCODER], list(ENCODER), dict=True)[0]
    return lowest_terms(loss.xreplace(best))


def pair_gain() -> sp.Expr:
    """Return what a decoder norm q along an eigenvector gains, with V eliminated: the rational part of −Φ."""
    fields = sp.Matrix([w, v])
    loss = alpha * eigenvalue * (fields.T * loss_matrix() * fields)[0, 0] / 2 + lam * v**2 / 2
    gain = -loss.subs(v, optimal_encoder())
    return sp.factor(sp.cancel(gain.subs(w, sp.sqrt(Q))))


def supermodularity() -> sp.Expr:
    r"""Return ∂²/∂Q∂Λ of the gain; it is positive, so large norms belong on large eigenvalues.

    The squared components of U are doubly substochastic; their extreme points are partial matchings (Birkhoff), and
    of all matchings the ordered one gains most (rearrangement inequality).
    """
    return sp.factor(sp.diff(pair_gain(), Q, eigenvalue))



_DOMAINS = domains_of()
_KAPPA, _THETA = sym("kappa"), sym("theta")
_ONSET = sym("onset")
_FOLD = {_ONSET: alpha * eigenvalue / (alpha + lam) - lam / (alpha * eigenvalue),
         _KAPPA: beta + lam / (alpha * eigenvalue), _THETA: alpha * eigenvalue * beta + lam}
_DETECTED = (alpha * rho**2 > eta**2,)
_GAIN = 1 / (Q + _KAPPA)
_VARIANCE = eta + rho * overlap
_W, _N = DECODER, NORMS
_LATENTS = {**_DOMAINS, **indexed_domains("w", *_W), **indexed_domains("Q", *_N.free_symbols)}
# In the discriminant: A and δ of (λX + A)(X + δ)² − θX with X = Q + β.
_AB, _DELTA = alpha * beta, lam / (alpha * eigenvalue)
_MATRICES = {sp.MatrixSymbol(r"\mathbf{w}", 2, 1): _W, sp.MatrixSymbol(r"\mathbf{Q}", 2, 2): _N}
_w, _q = _MATRICES
_T = alpha * eigenvalue


def _tops() -> tuple[tuple[certificate.State, sp.Expr], ...]:
    edge = random_matrix.sample_eigenvalue(eta / root_alpha + eta).xreplace({alpha: root_alpha**2})
    return ((certificate.learning(), random_matrix.signal()[0]), (certificate.overfitting(), edge))


_ELIMINATION = (
    Step("direction-loss", "Loss along an eigenvector", sp.Symbol(r"\mathcal{L}/N"), minimum.direction_loss,
         alpha * (-w * v * eigenvalue + (Q + beta) * v**2 * eigenvalue / 2 + Q * D / 2
                  + beta * (D - sp.log(D) - 1) / 2) + lam * (w**2 + v**2) / 2,
         _DOMAINS, "new", ("Weights along one eigenvector of XᵀX/P with eigenvalue Λ.",),
         prose=r"Let $w,v$ be the components of $W/\sqrt N,V/\sqrt N$ along an eigenvector of $X^TX/P$. Over the "
               r"samples $k^2$, $hk$ and $h^2$ then have the means $\Lambda w^2$, $\Lambda wv$ and $\Lambda v^2$, "
               r"and the loss, summed over the $\alpha N$ samples and divided by $N$, is at given $Q=\|W\|^2/N$"),
    Step("variance", "Eliminate the posterior variance", D, minimum.optimal_variance, beta / (Q + beta), _DOMAINS,
         "new", prose="Its minimum over $D$ is at"),
    Step("variance-convex", "It is the minimum", sp.Symbol(r"\partial_D^2\mathcal{L}/N"),
         lambda: sp.diff(minimum.direction_loss(), D, 2), alpha * beta / (2 * D**2), _DOMAINS, "new", sign=1,
         prose="since the loss is convex in $D$,"),
    Step("encoder", "Eliminate the encoder", v, minimum.optimal_encoder, w / (Q + _KAPPA), _DOMAINS, "new",
         prose=r"and over $v$, in which the loss is a square, with $\kappa = \beta + \lambda/(\alpha\Lambda)$, at"),
    Step("eigenvector-gain", "Why the top eigenvector", sp.Symbol(r"\partial_{\Lambda}\mathcal{L}/N"),
         minimum.eigenvector_gain,
         -alpha * w**2 / (2 * (Q + _KAPPA)) * (1 + lam / (alpha * eigenvalue) / (Q + _KAPPA)), _DOMAINS, "new",
         conditions=(sp.Ne(w, 0),),
         prose=r"At given $w$ and $Q$ the loss falls with $\Lambda$, so all of $W$ lies along the top eigenvector:"),
    Step("potential", "The potential of one latent", sp.Symbol(r"\Phi(Q)"), minimum.potential,
         -alpha * Q * eigenvalue / (2 * (Q + _KAPPA)) + alpha * beta * sp.log(1 + Q / beta) / 2 + lam * Q / 2, _DOMAINS,
         "new", prose=r"What remains is a function of $Q=\|W\|^2/N$ alone, with $\mathcal L_{\min}/N=\min_Q\Phi(Q)$:"),
    Step("hadamard", "Several latents: the variances", sp.Symbol(r"\prod_l(Q_{ll}+\beta)-\det(\mathbf{Q}+\beta)"),
         hadamard_excess, _N[0, 1] ** 2, _LATENTS, "new",
         prose=r"Several latents interact through $\mathbf Q=W^TW/N$. Their best variances cost "
               r"$\frac{\alpha\beta}{2}\ln\prod_l(1+Q_{ll}/\beta)$, which is at least "
               r"$\frac{\alpha\beta}{2}\ln\det(I+\mathbf Q/\beta)$, a function of the eigenvalues $q_j$ of $\mathbf Q$ "
               r"alone (Hadamard). "
               r"For two latents the excess is a square:"),
    Step("encoders", "Several latents: the encoders", sp.Symbol(r"\mathcal{L}_{\mathrm{enc}}/N"), encoder_gain,
         -alpha * eigenvalue * sp.Trace(_w.T * (_q + _KAPPA * sp.Identity(2)).I * _w) / 2, _LATENTS, "new",
         where=_MATRICES,
         prose=r"The best encoder along an eigenvector where the decoder has the components $\mathbf w\in\mathbb R^M$ "
               r"adds to the loss over $N$ what is negative, "
               r"$-\frac{\alpha\Lambda}{2}\mathbf w^T(\mathbf Q+\kappa)^{-1}\mathbf w$, for any $\mathbf Q$; for two "
               r"latents"),
    Step("supermodular", "Why the latents decouple", sp.Symbol(r"\partial_{Q}\partial_{\Lambda}U"),
         supermodularity,
         alpha * _T * (_T**2 * beta * (Q + beta) + 3 * _T * beta * lam + 2 * lam**2)
         / (2 * (_T * (Q + beta) + lam) ** 3), _LATENTS, "new", sign=1,
         argued="several latents: Hadamard's inequality, Birkhoff's theorem and the rearrangement inequality "
                "(Marshall, Olkin and Arnold 2011)",
         prose=r"In the eigenbasis of $\mathbf Q$ the gain is $\sum_{ij}\pi_{ij}U(q_j,\Lambda_i)$ with "
               r"$U(Q,\Lambda)=\frac{\alpha\Lambda Q}{2(Q+\kappa)}$ and the squared components $\pi_{ij}$ of "
               r"orthonormal vectors: a doubly substochastic matrix. It is largest at a partial matching (Birkhoff), "
               r"and of all matchings the ordered one is best, since the mixed derivative below is positive. "
               r"A diagonal $\mathbf Q$ with the $l$-th latent on the $l$-th eigenvector reaches both bounds, "
               r"so $\mathcal L_{\min}/N=\sum_{l\le M}\min_Q\Phi_{\Lambda_l}(Q)$ is the global minimum:"),
    Step("cubic", "Its stationary points", sp.Symbol("p(Q)"), lambda: minimum.stationarity_cubic().as_expr(),
         (lam * (Q + beta) + alpha * beta) * (Q + _KAPPA) ** 2 - _THETA * (Q + beta), _DOMAINS,
         "new", prose=r"Stationary points with $Q>0$ are the positive roots of a cubic:"),
    Step("cubic-coefficients", "How many there are", sp.Tuple(*sp.symbols("p_3 p_2 p_1 p_0")),
         lambda: tuple(minimum.stationarity_cubic().all_coeffs()),
         (lam, beta * (alpha + lam) + 2 * lam * _KAPPA,
          _KAPPA * (2 * beta * (alpha + lam) + lam * _KAPPA - _T),
          beta * _KAPPA * ((alpha + lam) * _KAPPA - _T)), _DOMAINS, "new",
         prose=r"How many are there? Its coefficients are"),
    Step("cubic-convex", "At most two", sp.Symbol("p^{\\prime\\prime}(Q)"),
         lambda: sp.diff(minimum.stationarity_cubic().as_expr(), Q, 2),
         6 * lam * Q + 2 * (beta * (alpha + lam) + 2 * lam * _KAPPA), _DOMAINS, "new", sign=1,
         prose=r"For $Q>0$ it is convex, so that it has at most two positive roots,"),
    Step("cubic-at-zero", "One below the threshold", sp.Symbol("p(0)"),
         lambda: minimum.stationarity_cubic().nth(0),
         beta * _KAPPA * (alpha + lam) * (beta - _ONSET), _DOMAINS, "new",
         prose=r"and at $Q=0$ it has the sign of $\beta-\beta_c$, where $\beta_c$ is the threshold of "
               r"Chapter~\ref{chapter:collapse}. A convex function that is negative at $0$ has one positive root: "
               r"below the threshold there is one active state, a minimum of $\Phi$, since $\Phi'$ has the sign of "
               r"$p$. Above it there is none, or a maximum and a minimum:"),
    Step("discriminant", "When there are two", sp.Symbol(r"\mathrm{disc}(p)/\theta"), minimum.root_discriminant,
         4 * lam * _THETA**2 + (_AB**2 - 20 * _AB * _DELTA * lam - 8 * _DELTA**2 * lam**2) * _THETA
         - 4 * _DELTA * (_AB - _DELTA * lam) ** 3, _DOMAINS, "new",
         prose=r"Above the threshold, $p_0>0$, and with weight decay the two exist iff the discriminant is positive "
               r"and $p_1<0$ (without, $p$ is a product, \eqref{collapse:no-decay-cubic}, and there are none). Over "
               r"its factor $\theta=\alpha\Lambda\kappa$ it is"),
    Step("curvature", "Curvature of the potential", sp.Symbol(r"\Phi^{\prime\prime}(Q)"), minimum.curvature,
         _THETA / (Q + _KAPPA) ** 3 - alpha * beta / (2 * (Q + beta) ** 2), _DOMAINS, "new",
         prose="Their stability is read off the curvature"),
)

_RANDOM_MATRIX = (
    Step("principal-components", "Principal components as a replica problem", sp.Symbol("f_1"),
         random_matrix.free_energy,
         alpha * spectral * Q / 2 - alpha * (Q - m**2) / (2 * resolvent)
         - alpha * (rho * m**2 + eta * Q) / (2 * (1 - eta * resolvent / alpha)), _DOMAINS, "new",
         prose=r"What do $P=\alpha N$ samples show of the signal? A decoder alone with the loss "
               r"$\frac{\alpha\zeta}{2}\|W\|^2-\frac12\sum_i(W\cdot x^i)^2/N$ has the Hessian $\alpha(\zeta-S)$ with "
               r"$S=X^TX/P$, so its susceptibility is $g/\alpha$ with the Stieltjes transform "
               r"$g(\zeta)=\mathrm{tr}(\zeta-S)^{-1}/N$. The same machine, fed with one field, $A=-1$, and with the "
               r"weight decay $\alpha\zeta$ and $\chi=g/\alpha$ in \eqref{free-energy:free-energy}, where all matrices "
               r"are numbers, the covariance of the field is $\eta Q+\rho m^2$, and nothing is added, gives its free "
               r"energy"),
    Step("resolvent", "The spectrum of the noise", spectral, random_matrix.inverse_resolvent,
         1 / resolvent + eta / (1 - eta * resolvent / alpha), _DOMAINS, "Marchenko and Pastur 1967",
         prose="Stationarity in $Q$ is the equation of the resolvent,"),
    Step("moments", "Its first moments", sp.Symbol(r"\mathrm{tr}\,S^j/N"), lambda: random_matrix.moments(4),
         (1, eta, eta**2 * (1 + 1 / alpha), eta**3 * (1 + 3 / alpha + 1 / alpha**2)), _DOMAINS,
         "Marchenko and Pastur 1967", prose=r"whose expansion in $1/\zeta$ generates the moments, for $j=0,1,2,3$"),
    Step("edges", "Its edges", sp.Symbol(r"\mathrm{disc}(\zeta)"), random_matrix.edge_polynomial,
         (spectral - eta * (1 + 1 / root_alpha) ** 2) * (spectral - eta * (1 - 1 / root_alpha) ** 2), _DOMAINS,
         "Marchenko and Pastur 1967",
         prose=r"and whose discriminant, with $a=\sqrt\alpha$, vanishes at the two edges:"),
    Step("outlier", "The outlier", sp.Tuple(eigenvalue, overlap), random_matrix.signal,
         ((rho + eta) * (1 + eta / (alpha * rho)), (1 - eta**2 / (alpha * rho**2)) / (1 + eta / (alpha * rho))),
         _DOMAINS, "Baik, Ben Arous and Péché 2005", ("α > (η/ρ)²",), _DETECTED,
         prose=r"Stationarity in $m\neq0$ holds at one value of $\zeta$ only, the outlier, and stationarity in $g$ "
               r"then gives the squared overlap $o=m^2/Q$ of its eigenvector with the signal:"),
    Step("detection", "When the signal is seen at all", sp.Symbol("alpha_B"), random_matrix.detection_threshold,
         (eta / rho) ** 2, _DOMAINS, "Baik, Ben Arous and Péché 2005", prose="The overlap vanishes at"),
    Step("bulk-edge", "The edge of the noise", sp.Symbol("Lambda_0"), random_matrix.bulk_edge,
         eta * (1 + 1 / sp.sqrt(alpha)) ** 2, _DOMAINS, "Marchenko and Pastur 1967",
         prose=r"and for fewer samples the top eigenvalue is the upper edge of the noise:"),
)

_STATE = (
    Step("state", "Order parameters of a latent", sp.Tuple(E, R, m, d, D),
         lambda: tuple(eigenvector.state_along_eigenvector()[s] for s in (E, R, m, d, D)),
         (_GAIN**2 * Q, _GAIN * Q, sp.sqrt(Q * overlap), _GAIN * sp.sqrt(Q * overlap), beta / (Q + beta)), _DOMAINS,
         "new", prose="The remaining order parameters of a latent follow from $Q$, the eigenvalue and the overlap:"),
    Step("rate", "Rate", sp.Symbol(r"\mathrm{rate}"), lambda: eigenvector.observable("rate"),
         (_GAIN**2 * Q * _VARIANCE + beta / (Q + beta) - 1 - sp.log(beta / (Q + beta))) / 2, _DOMAINS, "[IH] Eq. 8",
         prose=r"and the observables over fresh data, of variance $\eta+\rho o$ along the latent. The rate is"),
    Step("distortion", "Distortion", sp.Symbol(r"\mathrm{distortion}"), lambda: eigenvector.observable("distortion"),
         rho + eta - 2 * _GAIN * Q * _VARIANCE + Q * (_GAIN**2 * Q * _VARIANCE + beta / (Q + beta)), _DOMAINS,
         "[IH] Claim 5.3", prose="the distortion"),
)

_CERTIFICATE = (
    Step("certificate-learning", "Replica = random matrix: learning", sp.Symbol(r"\nabla f|_{\mathrm{learning}}"),
         lambda: certificate.saddle_residuals(certificate.learning()), (0,) * 10, _DOMAINS, "new",
         (r"rational parametrisation: $\tilde\Lambda_2=\psi(\eta+r_2)$ stands for $\beta$",),
         prose=r"Put into the saddle-point equations ($\nabla$: of all nine order parameters), in the matrix form of "
               r"\eqref{saddle-point:planted-equations}--\eqref{saddle-point:posterior-variance}, with "
               r"$\chi=\sum_j(1+\eta/r_j)\,y_jy_j^T/(y_j^TH_0y_j)$ over the modes $y_j$ of "
               r"Chapter~\ref{chapter:saddle-point}, this solution solves all of them identically. (In $H_0$ the "
               r"variance of the encoder's field over the training set is $E\Lambda=\Lambda Q/(Q+\kappa)^2$.) "
               r"To keep everything "
               r"rational the second mode's eigenvalue, "
               r"$\tilde\Lambda_2=-\lambda\Lambda/(\alpha(Q+\beta)\Lambda+\lambda)$, is written through a virtual "
               r"spike $r_2$ and $\beta$ follows from it: of the two roots that $\psi(\eta+r_2)=\tilde\Lambda_2$ "
               r"has, the one with $r_2<-\eta\max(1,1/\alpha)$, at which $\chi\succ0$ and the average over a "
               r"sample exists. The outlier has $r_1=\rho$. In the learning phase:"),
    Step("certificate-overfitting", "Replica = random matrix: overfitting",
         sp.Symbol(r"\nabla f|_{\mathrm{overfitting}}"),
         lambda: certificate.saddle_residuals(certificate.overfitting()), (0,) * 10, _DOMAINS, "new",
         ("α = a², r₁ = η/a",),
         prose=r"In the overfitting phase, on the edge of the noise with $r_1=\eta/\sqrt\alpha$, $m=0$:"),
    Step("certificate-collapsed", "Replica = random matrix: collapse", sp.Symbol(r"\nabla f|_{\mathrm{collapsed}}"),
         lambda: certificate.saddle_residuals(certificate.collapsed()), (0,) * 10, _DOMAINS, "new",
         ("H₀ = diag(λ+α, λ); both eigenvalues are virtual",), prose="And in the regularized phase, with $Q=0$:"),
    Step("certificate-cubic", "The parametrisation solves the cubic", sp.Symbol("p(Q)"),
         lambda: tuple(certificate.cubic_residual(state, top) for state, top in _tops()), (0, 0), _DOMAINS, "new",
         prose=r"The states put in are indeed those of the cubic, in both active phases,"),
    Step("certificate-energy", "Both free energies agree", sp.Symbol(r"f-\Phi(Q)"),
         lambda: tuple(certificate.energy_gap(state, top) for state, top in _tops()), (0, 0), _DOMAINS, "new",
         prose=r"and the replica free energy at the saddle is the least potential, $f=\Phi(Q)$:"),
)

STEPS = folded(_ELIMINATION + _RANDOM_MATRIX + _STATE + _CERTIFICATE, _FOLD)

CHAPTER = Chapter(
    "exact-solution", "The exact solution",
    r"For any data matrix the global minimum of the loss is known: eliminate the posterior variance and the encoder, "
    r"show that latents decouple, turn each to its eigenvector, and minimise a potential of one variable. "
    r"Replicas of principal component analysis say what a finite sample shows of the signal "
    r"(Chapter~\ref{chapter:fluctuations} finds the same without replicas, by leaving out one sample at a time). "
    r"The elimination needs no replicas at all, and its result solves the replica equations identically.", STEPS,
    question="What is the global minimum of the loss, for any data, without replicas? Is it the one that replicas "
             "find?",
    answer=r"The $l$-th latent lies along the $l$-th eigenvector of the sample covariance and minimises $\Phi$, "
           r"\eqref{exact-solution:potential}, at its eigenvalue. In the spiked model the top eigenvalue and its "
           r"overlap with the signal are \eqref{exact-solution:outlier}, and with them this solves all replica "
           r"equations, in each of the three phases, with the same free energy.",
    plates=(plates.SPECTRUM,))
