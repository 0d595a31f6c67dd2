"""Chapter: posterior collapse, its threshold, and how the model behaves around it."""

from __future__ import annotations

from functools import cache

import sympy as sp

from derivations.frame.chapter import Chapter, folded
from derivations.linear_vae.minimum import certificate
from derivations.linear_vae.replicas import two_latents
from derivations.linear_vae.replicas.matrices import MATRICES
from derivations.linear_vae.replicas.two_latents import VARIANCES
from vaesym.algebra import Step, lowest_terms
from vaesym.linear_vae.exact import collapse, forms, minimum
from vaesym.linear_vae.saddle import free_energy
from vaesym.linear_vae.saddle.stationarity import posterior_variance, stationarity_equations, stationarity_jacobian
from vaesym.linear_vae.statement.assumptions import STANDARD, Assumptions
from vaesym.linear_vae.statement.symbols import (
    ORDER_PARAMETERS,
    SUSCEPTIBILITY,
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
    population,
    rho,
    sigma,
    spike_1,
    spike_2,
    sym,
    v,
    w,
)
from vaesym.replica.matrix import inverse

_PLANTED = [ORDER_PARAMETERS.index(symbol) for symbol in (m, d)]
_OTHERS = [i for i in range(len(ORDER_PARAMETERS)) if i not in _PLANTED]


def collapsed_saddle(stated: Assumptions = STANDARD) -> dict[sp.Symbol, sp.Expr]:
    """Return the order parameters of collapse: no overlaps, and the D that solves its equation there."""
    silent = dict.fromkeys((Q, E, R, m, d), sp.S.Zero)
    return {**silent, D: posterior_variance(stated).subs(silent)}


def planted_block() -> sp.ImmutableMatrix:
    """Return the Jacobian of the replica equations for (m, d) in (m, d), at collapse, in terms of χ."""
    return sp.ImmutableMatrix(stationarity_jacobian().extract(_PLANTED, _PLANTED).subs(collapsed_saddle()))


def cross_block() -> sp.ImmutableMatrix:
    """Return their Jacobian in the seven other order parameters at collapse; parity makes it vanish."""
    return sp.ImmutableMatrix(stationarity_jacobian().extract(_PLANTED, _OTHERS).subs(collapsed_saddle()))


@cache
def collapsed_stiffness(stated: Assumptions = STANDARD) -> sp.ImmutableMatrix:
    r"""Return :math:`H_0 = 2\partial_\Omega f + \chi^{-1} - \alpha\eta G` at collapse, where χ drops out.

    The replica equations of the overlaps say that :math:`\chi^{-1}-\alpha\eta G` equals it.
    """
    at = collapsed_saddle(stated)
    free = stationarity_equations(stated)
    slopes = [free[ORDER_PARAMETERS.index(symbol)].subs(at) for symbol in (Q, R, E)]
    gradient = sp.Matrix([[2 * slopes[0], slopes[1]], [slopes[1], 2 * slopes[2]]])
    quadratic = free_energy.problem(stated)
    loss, noise = quadratic.loss.subs(at), quadratic.noise_gain()
    response = inverse(sp.ImmutableMatrix(sp.eye(2) + noise * loss * SUSCEPTIBILITY)) * loss
    stiffness = gradient + inverse(SUSCEPTIBILITY) - alpha * noise * response
    return sp.ImmutableMatrix(stiffness.applyfunc(lowest_terms))


def threshold_from_modes(stated: Assumptions = STANDARD) -> sp.Expr:
    """Return the β at which the replica equations lose stability: one of the collapsed modes sits on the outlier."""
    loss = free_energy.problem(stated).loss.subs(collapsed_saddle(stated))
    (solution,) = sp.solve((collapsed_stiffness(stated) + alpha * eigenvalue * loss).det(), beta)
    return sp.factor(solution)


def cubic_without_decay() -> sp.Expr:
    """Return the cubic of the stationary points at λ = 0."""
    return sp.factor(minimum.stationarity_cubic().as_expr().subs(lam, 0))


def training_map() -> tuple[sp.Expr, sp.Expr]:
    """Return the updates (w, v) of unlimited data: each weight at its best, given the other and D.

    ``population`` is the eigenvalue of the population covariance along the signal, ρ+η.
    """
    loss = (minimum.direction_loss() / alpha).subs({lam: 0, eigenvalue: population}).subs(Q, w**2)
    (decoder,) = sp.solve(sp.diff(loss, w), w)
    (encoder,) = sp.solve(sp.diff(loss, v), v)
    return sp.factor(decoder), sp.factor(encoder)


def training_jacobian() -> sp.ImmutableMatrix:
    """Return the Jacobian of the map at collapse."""
    jacobian = sp.Matrix(training_map()).jacobian([w, v])
    return sp.ImmutableMatrix(jacobian.subs(collapse.collapsed_state()))


def training_eigenvalues() -> tuple[sp.Expr, ...]:
    """Return its eigenvalues, the negative one first."""
    roots = training_jacobian().eigenvals(multiple=True)
    return tuple(sorted(roots, key=lambda root: root.subs({population: 1, beta: 1})))


def general_determinant() -> sp.Expr:
    """Return the Hessian's determinant for any covariance and decoder variance σ², without weight decay."""
    scaled = collapse.collapse_hessian().subs({beta: beta * sigma**2, lam: 0}, simultaneous=True)
    return sp.factor(scaled.det() / alpha**2)


def active_norm() -> sp.Expr:
    """Return Q of an active latent without weight decay, for decoder variance σ²."""
    return minimum.norm_without_decay().subs(beta, beta * sigma**2)


def active_kl() -> sp.Expr:
    """Return the KL of an active latent over the training set without weight decay."""
    scaled = beta * sigma**2
    gain = (minimum.optimal_encoder() / w).subs({beta: scaled, lam: 0}, simultaneous=True)
    variance = minimum.optimal_variance().subs(beta, scaled)
    kl = (gain**2 * Q * eigenvalue + variance - 1 - sp.log(variance)) / 2
    return forms.reduced(kl.subs(Q, active_norm()))


def active_gain() -> sp.Expr:
    """Return how much an active latent lowers the loss per sample, without weight decay and at σ = 1."""
    return forms.reduced(-(minimum.potential() / alpha).subs(lam, 0).subs(Q, minimum.norm_without_decay()))


def norm_slope() -> sp.Expr:
    """Return dQ/dβ where the active branch leaves Q = 0."""
    return sp.factor(sp.cancel(minimum.norm_derivative(beta).subs(Q, 0).subs(beta, collapse.collapse_threshold())))


def latents_hessian(stated: Assumptions = STANDARD) -> sp.ImmutableMatrix:
    """Return the Hessian of R/N at collapse for two latents and two eigenvectors, in (w₁₁, v₁₁, w₁₂, v₁₂, ...).

    Index 1 of a weight is its eigenvector, index 2 its latent.
    """
    tops = (indexed("eigenvalue", 1), indexed("eigenvalue", 2))
    decoder = sp.Matrix(2, 2, lambda i, j: indexed("w", i + 1, j + 1))
    encoder = sp.Matrix(2, 2, lambda i, j: indexed("v", i + 1, j + 1))
    fields = sp.Matrix.hstack(decoder, encoder)
    quadratic = two_latents.problem(stated)
    norms = dict(zip(two_latents.OVERLAP[:2, :2], decoder.T * decoder, strict=True))
    moments = (fields.T * sp.diag(*tops) * fields * quadratic.loss.xreplace(norms)).trace() / 2
    decay = (fields.T * fields).trace() / 2
    loss = alpha * (moments + quadratic.constant.xreplace(norms)) + lam * decay
    weights = [entry for i in range(2) for j in range(2) for entry in (decoder[i, j], encoder[i, j])]
    silent = dict.fromkeys(weights, sp.S.Zero)
    variances = sp.solve([sp.diff(loss, variance).subs(silent) for variance in VARIANCES], VARIANCES, dict=True)[0]
    return sp.ImmutableMatrix(sp.hessian(loss, weights).subs({**silent, **variances}))


def response_jacobian() -> sp.ImmutableMatrix:
    """Return the Jacobian at collapse of best responses of decoders to encoders and back, without weight decay.

    Where weights x are at their best given y, dx/dy = −H_xx⁻¹H_xy.
    """
    hessian = sp.Matrix(latents_hessian().subs(lam, 0))
    decoders, encoders = list(range(0, 8, 2)), list(range(1, 8, 2))
    jacobian = sp.zeros(8)
    for rows, columns in ((decoders, encoders), (encoders, decoders)):
        response = -hessian.extract(rows, rows).inv() * hessian.extract(rows, columns)
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                jacobian[row, column] = sp.cancel(response[i, j])
    return sp.ImmutableMatrix(jacobian)



_DOMAINS = domains_of()
_BETA_C = alpha * eigenvalue / (alpha + lam) - lam / (alpha * eigenvalue)
_TOPS = (indexed("eigenvalue", 1), indexed("eigenvalue", 2))
_chi, _, _, _a, _ = MATRICES
_COLLAPSED_MATRICES = {name: matrix.xreplace({Q: sp.S.Zero}) for name, matrix in MATRICES.items()}
_ONSET_AT = sym("onset")
_S0 = sym("prior_variance")
_PRIOR = Assumptions(prior_variance=_S0)
_ONSET = (_BETA_C > 0, _BETA_C * (alpha + 2 * lam) > lam / eigenvalue)


def _block(top: sp.Expr) -> sp.Matrix:
    return sp.Matrix([[lam + alpha, -alpha * top], [-alpha * top, beta * alpha * top + lam]])


STEPS = folded((
    Step("state", "The collapsed state", sp.Tuple(w, v, D),
         lambda: tuple(collapse.collapsed_state()[symbol] for symbol in (w, v, D)), (0, 0, 1), _DOMAINS, "new",
         prose=r"Without weights the loss is stationary in them, and in the posterior variance at that of the prior:"),
    Step("hessian", "Hessian of the collapsed state", sp.MatrixSymbol("H", 2, 2), collapse.collapse_hessian,
         sp.Matrix([[lam + alpha, -alpha * eigenvalue], [-alpha * eigenvalue, beta * alpha * eigenvalue + lam]]),
         _DOMAINS, "new",
         prose=r"Along an eigenvector of eigenvalue $\Lambda$ the loss is \eqref{exact-solution:direction-loss}, "
               r"where $Q=w^2$ if all other weights vanish. It is even in $(w,v)$, so that at $w=v=0$ a change of "
               r"$D$ decouples, and in $(w,v)$ it has the Hessian"),
    Step("threshold", "Collapse threshold", sp.Symbol("beta_c"), collapse.collapse_threshold,
         alpha * eigenvalue / (alpha + lam) - lam / (alpha * eigenvalue), _DOMAINS, "new",
         prose=r"Its first entry is positive, so that collapse is a strict local minimum iff the determinant is "
               r"positive too, that is iff $\beta>\beta_c$ with the value below, and no minimum for $\beta<\beta_c$. "
               r"(At $\beta=\beta_c$ itself the next order decides: it is a minimum there iff the transition is "
               r"continuous, \eqref{phases:tricritical}. Where $\beta_c\le0$ collapse is stable at every $\beta$.)"),
    Step("prior", "Another prior", sp.Tuple(D, sp.Symbol("beta_c")),
         lambda: (collapse.collapsed_state(_PRIOR)[D], collapse.collapse_threshold(_PRIOR)),
         (_S0, alpha * _S0 * eigenvalue / (alpha * _S0 + lam) - lam * _S0 / (alpha * eigenvalue)), _DOMAINS, "new",
         ("prior N(0, $D_0$)",),
         prose=r"(For a prior of variance $D_0$ the same moves give what follows. Without weight decay the prior does "
               r"not matter, as a latent may be rescaled; with it, a prior of variance $D_0$ is one of variance $1$ "
               r"with weight decay $\lambda/D_0$ on the decoder and $\lambda D_0$ on the encoder. Elsewhere $D_0=1$.)"),
    Step("hessian-latents", "Two latents", sp.MatrixSymbol("H", 8, 8), latents_hessian,
         sp.diag(*[_block(top) for top in _TOPS for _ in range(2)]),
         {**_DOMAINS, **indexed_domains("eigenvalue", *_TOPS)}, "new",
         prose=r"Several latents decouple there: for two latents along two eigenvectors the Hessian is block diagonal, "
               r"each latent and eigenvector with a block of its own, so $\beta_c$ is that of the largest "
               r"eigenvalue, which is \eqref{exact-solution:outlier} for $\alpha>\alpha_B$ and else "
               r"\eqref{exact-solution:bulk-edge}, as it grows with $\Lambda$:"),
    Step("parity", "The replica equations around collapse", sp.Symbol(r"\partial_{\mu}\partial_{\cdot}f"),
         cross_block, sp.zeros(2, 7), _DOMAINS, "[IH] App. C.4",
         prose="The replica equations tell the same story at any sample size. Around their collapsed saddle the "
               "overlaps $(m,d)$ decouple from the seven other order parameters by parity,"),
    Step("replica-jacobian", "Their Jacobian in the overlaps", sp.Symbol(r"\partial_{\mu}\partial_{\mu}f"),
         planted_block, _chi.I + alpha * rho * (sp.Identity(2) + eta * _a * _chi).I * _a, _DOMAINS,
         "[IH] App. C.4", where=_COLLAPSED_MATRICES, prose=r"and their own Jacobian is $\chi^{-1}+\alpha\rho G$:"),
    Step("replica-stability", "Where the replica equations lose stability",
         sp.Symbol(r"\det(\chi^{-1}+\alpha\rho G)/\det H_0"), certificate.planted_determinant,
         (spike_1 - rho) * (spike_2 - rho) / ((spike_1 + 1) * (spike_2 + 1)), _DOMAINS, "new",
         ("ρ, r₁, r₂ in units of η", r"$\tilde\Lambda_j=\psi(\eta+r_j)$ are the modes' eigenvalues"),
         prose=r"At the collapsed saddle its determinant factorises over the modes. It vanishes where the virtual "
               r"spike of a mode is the real one, $r_1=\rho$, that is where $\tilde\Lambda_1=\Lambda$:"),
    Step("replica-stiffness", "The stiffness of collapsed weights", sp.MatrixSymbol("H_0", 2, 2), collapsed_stiffness,
         sp.diag(alpha + lam, lam), _DOMAINS, "new",
         prose=r"A collapsed mode has the eigenvalue $\Lambda$ iff $\det(H_0+\alpha\Lambda A)=0$, where $H_0$ is what "
               r"the equations of $Q$, $R$ and $E$ demand of $\chi^{-1}-\alpha\eta G$. The susceptibilities drop out "
               r"of $2\partial_\Omega f+\chi^{-1}-\alpha\eta G$ at collapse, which leaves"),
    Step("replica-threshold", "The same threshold", sp.Symbol("beta_c"), threshold_from_modes, _BETA_C,
         _DOMAINS, "new",
         prose=r"This is \eqref{collapse:hessian} again, so that the thresholds must agree (what the replica equations "
               r"add is \eqref{collapse:replica-stability}, that nothing else makes collapse unstable):"),
    Step("training-map", "Best responses with unlimited data", sp.Tuple(w, v), training_map,
         (population * v / (population * v**2 + D), w / (w**2 + beta)), _DOMAINS, "[IH] App. C.4", ("α → ∞, λ/α → 0",),
         prose=r"With unlimited data decoder and encoder at their best given each other and $D$ obey, with the "
               r"components $w,v$ along the signal, all other weights zero, so that $Q=w^2$, and with "
               r"$\ell=\rho+\eta$,"),
    Step("training-jacobian", "Its Jacobian at collapse", sp.MatrixSymbol("J", 2, 2), training_jacobian,
         sp.Matrix([[0, population], [1 / beta, 0]]), _DOMAINS, "[IH] App. C.4", ("α → ∞, λ/α → 0",),
         prose="The Jacobian of this map at collapse, where $D=1$, is"),
    Step("training-eigenvalues", "Linear stability of the map", sp.Symbol(r"\mathrm{eig}\,J"),
         training_eigenvalues, (-sp.sqrt(population / beta), sp.sqrt(population / beta)), _DOMAINS,
         "[IH] App. C.4", ("α → ∞, λ/α → 0",),
         prose=r"whose eigenvalues reach $1$ at $\beta=\rho+\eta$:"),
    Step("training-latents", "Two latents", sp.MatrixSymbol("J", 8, 8), response_jacobian,
         sp.diag(*[sp.Matrix([[0, top], [1 / beta, 0]]) for top in _TOPS for _ in range(2)]),
         {**_DOMAINS, **indexed_domains("eigenvalue", *_TOPS)}, "[IH] App. C.4", ("λ → 0",),
         prose=r"For two latents and two directions the Jacobian of best responses, from the Hessian by the implicit "
               r"function theorem, is block diagonal: a pair of eigenvalues $\pm\sqrt{\Lambda_i/\beta}$ for each "
               r"direction and latent:"),
    Step("covariance", "Any covariance, any decoder variance", sp.Symbol(r"\det H/\alpha^2"),
         general_determinant, eigenvalue * (beta * sigma**2 - eigenvalue), _DOMAINS, "[LZ]", ("λ = 0",),
         prose=r"Nothing here used the spiked model: $\Lambda$ is an eigenvalue of any sample covariance. "
               r"Without weight decay and with decoder variance $\sigma^2$ collapse is stable iff "
               r"$\beta\sigma^2\ge\Lambda_{\max}$:"),
    Step("no-decay-cubic", "The states without weight decay", sp.Symbol("p(Q)"), cubic_without_decay,
         alpha * beta * (Q + beta) * (Q + beta - eigenvalue), _DOMAINS, "new", ("λ = 0, σ = 1",),
         prose=r"That is also the global condition: without weight decay the cubic \eqref{exact-solution:cubic} is a "
               r"product, with a positive root iff $\Lambda>\beta$ (and $\beta\sigma^2$ for $\beta$ in general):"),
    Step("active-norm", "An active latent", Q, active_norm, eigenvalue - beta * sigma**2, _DOMAINS, "[LZ]",
         ("λ = 0",), (eigenvalue > beta * sigma**2,),
         prose=r"Latent $l$ is active iff $\Lambda_l>\beta\sigma^2$, with"),
    Step("active-kl", "Its KL", sp.Symbol(r"\mathrm{KL}"), active_kl,
         sp.log(eigenvalue / (beta * sigma**2)) / 2, _DOMAINS, "[LZ]", ("λ = 0", "over the training set"),
         (eigenvalue > beta * sigma**2,), prose="and carries"),
    Step("kl-slope", "The KL at the threshold", sp.Symbol(r"\partial_{\beta}\mathrm{KL}"),
         lambda: sp.diff(active_kl().subs(sigma, 1), beta).subs(beta, eigenvalue),
         -1 / (2 * eigenvalue), _DOMAINS, "[LZ]", ("λ = 0, β → Λ from below",),
         prose=r"It is continuous there; its slope jumps from the value below to $0$:"),
    Step("gain", "What an active latent gains", sp.Symbol(r"-\Phi/\alpha"), active_gain,
         (eigenvalue - beta) / 2 - beta * sp.log(eigenvalue / beta) / 2, _DOMAINS, "new", ("λ = 0",),
         (eigenvalue > beta,), prose=r"The gain in ELBO per sample is"),
    Step("gain-onset", "The ELBO at the threshold", sp.Symbol(r"-\Phi/(\alpha(\Lambda-\beta)^2)"),
         lambda: sp.limit(active_gain() / (eigenvalue - beta) ** 2, beta, eigenvalue),
         1 / (4 * eigenvalue), _DOMAINS, "[LZ]", ("λ = 0, β → Λ from below",),
         prose="which grows as the square of the distance to the threshold: the ELBO and its slope are continuous, "
               "its second derivative jumps:"),
    Step("norm-slope", "The weights at the threshold", sp.Symbol(r"\partial_{\beta}Q"), norm_slope,
         -_ONSET_AT * (alpha + lam) / (_ONSET_AT * (alpha + 2 * lam) - lam / eigenvalue), _DOMAINS, "new",
         ("β → β_c from below", "the transition is continuous"), _ONSET,
         prose=r"With weight decay $Q$ grows linearly below $\beta_c$, so the weights as "
               r"$\|W\|\propto(\beta_c-\beta)^{1/2}$: a supercritical pitchfork. The slope diverges where "
               r"$\beta(\alpha+2\lambda)=\lambda/\Lambda$, the tricritical line of Chapter~\ref{chapter:phases}:"),
), {_ONSET_AT: _BETA_C})

CHAPTER = Chapter(
    "collapse", "Posterior collapse",
    r"The collapsed state is always stationary; its Hessian decides. Three ways lead to the same threshold: the "
    r"Hessian of the loss for any data, the Jacobian of the replica equations, and the linear stability of the "
    r"fixed-point map of unlimited data.", STEPS,
    question="When does a latent carry nothing?",
    answer=r"Collapse is locally stable for $\beta>\beta_c$ and unstable for "
           r"$\beta<\beta_c=\frac{\alpha\Lambda}{\alpha+\lambda}-\frac{\lambda}{\alpha\Lambda}$, at any sample size, "
           r"for the largest eigenvalue $\Lambda$ of any sample covariance; without weight decay iff "
           r"$\beta\sigma^2\ge\Lambda$, and then it is the only state.")
