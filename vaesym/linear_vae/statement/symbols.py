"""The one table of symbols: name at the API, SymPy symbol, meaning and domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from vaesym.algebra import Domain

_SCALE = Domain(sp.Rational(1, 10), 4)
_SIGNED = Domain(-2, 2, "uniform")


@dataclass(frozen=True)
class Quantity:
    """A physical quantity: its name at the API, its symbol, its meaning, and where check points are drawn."""

    name: str
    symbol: sp.Symbol
    meaning: str
    domain: Domain
    stated_domain: str


def _positive(name: str, latex_name: str, meaning: str, domain: Domain = _SCALE, stated: str = "> 0") -> Quantity:
    return Quantity(name, sp.Symbol(latex_name, positive=True), meaning, domain, stated)


def _real(name: str, latex_name: str, meaning: str) -> Quantity:
    return Quantity(name, sp.Symbol(latex_name, real=True), meaning, _SIGNED, "real")


TABLE: tuple[Quantity, ...] = (
    _positive("alpha", "alpha", "samples per dimension P/N", Domain(sp.Rational(1, 10), 20)),
    _positive("beta", "beta", "weight of the KL term"),
    _positive("lam", "lambda", "weight decay of decoder and encoder", Domain(sp.Rational(1, 100), 2), "≥ 0"),
    _positive("rho", "rho", "strength of the signal"),
    _positive("eta", "eta", "strength of the noise"),
    _positive("decoder_deviation", "sigma", "standard deviation of the decoder"),
    _positive("decoder_variance", "s", "variance of the decoder"),
    _positive("prior_variance", "D_0", "variance of the prior of the latent, 1 unless said"),
    _positive("inverse_alpha", "iota", "N/P, 0 for unlimited data", Domain(sp.Rational(1, 20), 10), "≥ 0"),
    _positive("sample_decay", "phi", "weight decay per sample, λ/α", Domain(sp.Rational(1, 100), 2), "≥ 0"),
    _positive("Q", "Q", "squared norm of the decoder, ‖W‖²/N", stated="≥ 0"),
    _positive("E", "E", "squared norm of the encoder, ‖V‖²/N", stated="≥ 0"),
    _real("R", "R", "overlap of decoder and encoder, W·V/N"),
    _real("m", "m", "overlap of decoder and signal, W·W*/N"),
    _real("d", "d", "overlap of encoder and signal, V·W*/N"),
    _positive("D", "D", "variance of the variational posterior"),
    _real("chi_kk", "chi_kk", "susceptibility, decoder-decoder"),
    _real("chi_kh", "chi_kh", "susceptibility, decoder-encoder"),
    _real("chi_hh", "chi_hh", "susceptibility, encoder-encoder"),
    _real("G_hat_kk", "Ghat_kk", "conjugate of the overlap within a replica, decoder-decoder"),
    _real("G_hat_kh", "Ghat_kh", "conjugate of the overlap within a replica, decoder-encoder"),
    _real("G_hat_hh", "Ghat_hh", "conjugate of the overlap within a replica, encoder-encoder"),
    _real("chi_hat_kk", "chihat_kk", "conjugate of the overlap between replicas, decoder-decoder"),
    _real("chi_hat_kh", "chihat_kh", "conjugate of the overlap between replicas, decoder-encoder"),
    _real("chi_hat_hh", "chihat_hh", "conjugate of the overlap between replicas, encoder-encoder"),
    _real("m_hat", "mhat", "conjugate of the decoder-signal overlap"),
    _real("d_hat", "dhat", "conjugate of the encoder-signal overlap"),
    _positive("temperature", "T", "temperature of the Boltzmann weight"),
    _positive("n", "n", "number of replicas"),
    _real("k", "k", "decoder field W·x/√N of a sample"),
    _real("h", "h", "encoder field V·x/√N of a sample"),
    _real("c", "c", "latent of the data"),
    _real("z", "z", "latent of the model"),
    _positive("x2", r"\|x\|^{2}", "squared norm ‖x‖² of a sample"),
    _positive("eigenvalue", "Lambda", "eigenvalue of the sample covariance, XᵀX/P"),
    _positive("overlap", "o", "squared overlap of its eigenvector with the signal", Domain(sp.Rational(1, 100), 1),
              "in [0, 1]"),
    _positive("population", "ell", "eigenvalue of the population covariance"),
    _real("w", "w", "component of W/√N along a direction"),
    _real("v", "v", "component of V/√N along a direction"),
    _positive("root_alpha", "a", "√α"),
    _positive("spectral", "zeta", "argument of a resolvent, above the spectrum"),
    _positive("resolvent", "g", "resolvent of the sample covariance S, tr(ζ − S)⁻¹/N"),
    _real("companion", "u", "Stieltjes transform of the P × P Gram matrix K, tr(K − ζ)⁻¹/P"),
    _real("spike_1", "r_1", r"strength of the spike that would show at $\tilde\Lambda_1$"),
    _real("spike_2", "r_2", r"strength of the spike that would show at $\tilde\Lambda_2$"),
    _positive("mode", "chitilde", "susceptibility of a mode, times its stiffness and $b$", stated="real"),
    _positive("share", "b", r"$\eta/(\alpha\tilde\Lambda)$ of a mode", stated="real"),
    _positive("kappa", "kappa", "β + λ/(αΛ), by which a regularised encoder falls short of 1/Q"),
    _positive("theta", "theta", "αΛκ = αΛβ + λ"),
    _positive("noise_ratio", "tau", "η/ρ"),
    _positive("onset", "beta_c", "collapse threshold αΛ/(α+λ) − λ/(αΛ)"),
    _positive("posterior_gap", "omega", "variance of the gap between the means of encoder and posterior"),
    _positive("learned_variance", "nu", "variance η + ρo of fresh data along the learned direction"),
    _positive("conic", "varpi", "parameter of the collapsed states"),
    _positive("samples", "P", "number of training samples"),
    _positive("dimension", "N", "dimension of the data"),
    _positive("latents", "M", "number of latents of the model"),
    _positive("active", "M_a", "number of active latents"),
    _positive("residual_variance", "S_0", "sum of the sample eigenvalues of all directions without an active latent"),
    _positive("reconstruction_weight", "a_S", "weight of the squared error in a user's loss"),
    _positive("kl_weight", "w_K", "weight of the KL term in a user's loss"),
    _positive("distortion", "Delta", "distortion, the squared error beyond the noise of N − 1 directions"),
    _positive("excess_decay", "t", "an excess over what is said where it is used", stated="≥ 0"),
    _positive("field_variance", "C_hh", "variance of the encoder field over the data"),
    _positive("threshold", "delta", "KL below which a sample counts as collapsed"),
    _real("natural", "vartheta", "natural parameter of the decoder's law of a component"),
    _positive("information", "F", r"its Fisher information $A''(\vartheta)$, the variance that this law gives the "
                                  r"component"),
    _positive("value", "x_i", "component of a sample", Domain(sp.Rational(1, 20), sp.Rational(19, 20)),
              "by its law"),
    _positive("probability", "p", "mean of a component in [0, 1]", Domain(sp.Rational(1, 20), sp.Rational(19, 20)),
              "in (0, 1)"),
    _real("deviation", "y", "deviation of a component of a sample from its mean"),
    _real("covariance", "Sigma", "entry of the covariance of the data"),
    _real("correlation", "S_12", "correlation of two binary components"),
    _real("offset", "e", "small offset of a decoder's natural parameter"),
    _positive("count_mean", "mu", "mean of a component that is a count"),
    _positive("size", "n_x", "total of the counts of a sample"),
    _positive("dispersion", "xi", "dispersion of a count, whose variance is μ + μ²/ξ"),
    _real("link_slope", "upsilon", "slope of the function that makes a parameter of the decoder's output"),
    _positive("covariates", "r", "rank of the covariates over N", stated="≥ 0"),
    _real("group_mean", "x_c", "mean of a group of samples along an eigenvector"),
    _real("encoder_shift", "a_c", "what an encoder that is told the group adds to its mean"),
    _real("decoder_shift", "b_c", "what a decoder that is told the group adds to its mean"),
    _positive("between", "B", "variance of the groups' means along an eigenvector", stated="≥ 0"),
    _positive("first_variance", "Sigma_1", "variance of the first level's encoder in a hierarchy"),
    _positive("aggregate", "A_1", "variance over the data of the first level's latent"),
    _positive("decoder_decay", "lambda_W", "weight decay of the decoder", Domain(sp.Rational(1, 100), 2), "≥ 0"),
    _positive("encoder_decay", "lambda_V", "weight decay of the encoder", Domain(sp.Rational(1, 100), 2), "≥ 0"),
    _positive("mean_decay", "lambdabar", "geometric mean of both weight decays", Domain(sp.Rational(1, 100), 2), "≥ 0"),
    _positive("mean_eigenvalue", "Lambda_m", "mean of all eigenvalues of the sample covariance"),
    _real("curvature", "q", "small curvature of a decoder in its latent"),
    _positive("learning_rate", "gamma", "rate of the descent on the weights"),
    _positive("variance_rate", "gamma_D", "rate of the descent on D"),
    _positive("kink", "lambda_1", "weight of the absolute values of the weights"),
    _positive("decoder_cost", "g_W", "penalty of a decoder of unit size along the signal, a sample",
              Domain(sp.Rational(1, 100), 1), "≥ 0"),
    _positive("encoder_cost", "g_V", "penalty of an encoder of unit size along the signal, a sample",
              Domain(sp.Rational(1, 100), 1), "≥ 0"),
    _positive("distance", "e_beta", "ρ+η−β, the distance from the threshold of unlimited data"),
    _positive("sampled", "varsigma", "1 if the latent is sampled in training, 0 if averaged", Domain(0, 1, "uniform"),
              "0 or 1"),
)

#: What results hold beyond symbols of the table: its meaning, and its unit if it has one.
RESULTS: dict[str, tuple[str] | tuple[str, str]] = {
    "phase": ("phase of the state",),
    "free_energy": ("least loss per dimension; 0 if collapsed",),
    "signal_recovery_error": ("mean squared distance to the signals",),
    "rate": ("KL to the prior, fresh data", "nats"),
    "distortion": ("squared error beyond the noise, fresh data",),
    "kl_variational_to_posterior": ("KL(q || true posterior)", "nats"),
    "kl_posterior_to_variational": ("KL(true posterior || q)", "nats"),
    "training_rate": ("KL to the prior, training set", "nats"),
    "training_distortion": ("squared error along the learned direction, training set",),
    "gaussian_rate": ("rate of a Gaussian source of variance rho + eta at the same distortion", "nats"),
    "collapse_threshold": ("beta above which collapse is locally stable",),
    "global_collapse_threshold": ("beta above which collapse is the global minimum",),
    "spinodal": ("largest beta at which an active state exists",),
    "coexistence": ("beta at which collapsed and active state are equally deep",),
    "detection_threshold": ("alpha above which the spectrum shows the signal",),
    "tricritical_alpha": ("alpha where the order of the transition changes",),
    "tricritical_beta": ("beta there",),
    "optimal_beta": ("beta that recovers the signal best",),
    "recovery_error_bound": ("least error along the learned direction, rho (1 - overlap)",),
    "optimal_beta_limit": ("optimal beta of unlimited data, eta",),
    "plateau_end": ("alpha from which collapse is unstable; inf if it never is",),
    "plateau_asymptote": ("how the end of the plateau diverges as beta rises to rho + eta",),
    "collapse_limit": ("beta above which unlimited data collapse, rho + eta",),
    "density": ("density of the eigenvalues of noise (Marchenko-Pastur law)",),
    "noise_edge": ("lower and upper end of the spectrum of noise",),
    "zero_fraction": ("fraction of the eigenvalues that is zero",),
    "outlier": ("eigenvalue of the signal; NaN where noise hides it",),
    "measured": ("measured eigenvalues of the sample covariance",),
    "chi": ("susceptibilities",),
    "replicon": ("replicon eigenvalue; replica symmetry is stable up to 1",),
    "residual": ("largest residual of the replica equations",),
    "relative_residual": ("largest residual relative to the terms that cancel in it",),
    "iterations": ("Newton iterations spent",),
    "status": ("how the search ended; -1 in unused slots",),
    "complete": ("whether every state was found that those found call for",),
    "stability": ("rank of the state",),
    "kind": ("what the point of the branch is",),
    "closed_form_Q": ("Q of the stationary points of the exact potential",),
    "closed_form_phase": ("their phase",),
    "branch": ("branch of states",),
    "latent": ("number of the latent",),
    "time": ("time: steps per dimension in one pass, epochs times rate in full batches",),
    "C_hh": ("variance of the encoder field, training set",),
    "training_loss": ("loss of the training set per dimension; 0 if collapsed",),
    "stopping_time": ("time at which the recovery error is least",),
    "stopped_error": ("recovery error at the best stopping time",),
    "final_error": ("recovery error after endless training",),
    "best_error": ("least recovery error over all beta after endless training",),
    "annealed_beta": ("weight of the KL term at that time",),
    "schedule_length": ("length of the annealing of beta",),
    "settling_time": ("time after which the recovery error stays near its final value",),
    "annealed_settling_time": ("the same with the best annealing of beta",),
    "speedup": ("settling time at fixed beta over that with annealing",),
    "speedup_bound": ("growth rate of the signal without KL term over that at fixed beta",),
}

_BY_NAME = {quantity.name: quantity for quantity in TABLE}


def quantity(name: str) -> Quantity:
    """Return the table row of an API name; KeyError if there is none.

    >>> quantity("lam").symbol
    lambda
    """
    return _BY_NAME[name]


def sym(name: str) -> sp.Symbol:
    """Return the SymPy symbol of an API name."""
    return quantity(name).symbol


def domains_of(*expressions: Any) -> dict[sp.Symbol, Domain]:
    """Return the domains of all symbols of the table, or only of those that occur in ``expressions``."""
    known = {quantity.symbol: quantity.domain for quantity in TABLE}
    if not expressions:
        return known
    free = {s for expression in expressions for s in expression.free_symbols}
    return {symbol: domain for symbol, domain in known.items() if symbol in free}


def indexed(name: str, *indices: int) -> sp.Symbol:
    """Return the symbol of a quantity of several latents, e.g. ``indexed("Q", 1, 2)``.

    >>> indexed("Q", 1, 2)
    Q_12
    """
    base = sym(name)
    letter, _, rest = base.name.partition("_")
    return sp.Symbol(f"{letter}_{rest}{''.join(map(str, indices))}", **base.assumptions0)


def indexed_domains(name: str, *symbols: sp.Symbol) -> dict[sp.Symbol, Domain]:
    """Return the domain of the quantity ``name`` for each of its indexed symbols."""
    return dict.fromkeys(symbols, quantity(name).domain)


def api_names(symbols: list[sp.Symbol]) -> list[str]:
    """Return the API names of symbols, in the given order."""
    names = {quantity.symbol: quantity.name for quantity in TABLE}
    return [names[symbol] for symbol in symbols]


alpha, beta, lam, rho, eta = (sym(name) for name in ("alpha", "beta", "lam", "rho", "eta"))
Q, E, R, m, d, D = (sym(name) for name in "QERmdD")
chi_kk, chi_kh, chi_hh = sym("chi_kk"), sym("chi_kh"), sym("chi_hh")
k, h, c, z, x2 = (sym(name) for name in ("k", "h", "c", "z", "x2"))
eigenvalue, overlap, population = sym("eigenvalue"), sym("overlap"), sym("population")
temperature, w, v, sigma = sym("temperature"), sym("w"), sym("v"), sym("decoder_deviation")
decoder_variance, inverse_alpha, sample_decay = sym("decoder_variance"), sym("inverse_alpha"), sym("sample_decay")
spectral, resolvent, companion, root_alpha = sym("spectral"), sym("resolvent"), sym("companion"), sym("root_alpha")
kappa = sym("kappa")
spike_1, spike_2, conic = sym("spike_1"), sym("spike_2"), sym("conic")
learning_rate, variance_rate, sampled = sym("learning_rate"), sym("variance_rate"), sym("sampled")

#: Parameters of the problem, in the order of every generated function.
PARAMETERS: tuple[sp.Symbol, ...] = (alpha, beta, lam, rho, eta)
#: The nine order parameters of the replica-symmetric free energy, in the order of every generated function.
ORDER_PARAMETERS: tuple[sp.Symbol, ...] = (Q, E, R, m, d, D, chi_kk, chi_kh, chi_hh)


def symmetric(kk: sp.Expr, kh: sp.Expr, hh: sp.Expr) -> sp.ImmutableMatrix:
    """The symmetric 2 × 2 matrix on (decoder, encoder) with the given entries."""
    return sp.ImmutableMatrix([[kk, kh], [kh, hh]])


#: Overlaps of the weights, overlap with the signal, susceptibility: Ω, μ, χ.
OVERLAP = symmetric(Q, R, E)
PLANTED = sp.ImmutableMatrix([m, d])
SUSCEPTIBILITY = symmetric(chi_kk, chi_kh, chi_hh)
