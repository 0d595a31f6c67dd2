"""Chapter: full collapse under other likelihoods: cross-entropy, counts, categories, learned variances."""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from derivations.frame.chapter import Chapter, folded
from vaesym.algebra import Step
from vaesym.linear_vae.statement import loss
from vaesym.linear_vae.statement.loss import kl_to_prior
from vaesym.linear_vae.statement.moments import average, normal_average
from vaesym.linear_vae.statement.symbols import (
    D,
    beta,
    domains_of,
    h,
    indexed,
    indexed_domains,
    sigma,
    sym,
    z,
)

COMPONENTS = (1, 2)
NATURAL, OFFSET, SLOPE, CURVATURE, DEVIATION, INFORMATION, PROBABILITY = (
    tuple(indexed(name, i) for i in COMPONENTS)
    for name in ("natural", "offset", "w", "curvature", "deviation", "information", "probability"))
COVARIANCE = sp.ImmutableMatrix(2, 2, lambda i, j: indexed("covariance", *sorted((i + 1, j + 1))))

_natural, _value = sym("natural"), sym("value")
#: The log-partition function, of which nothing is assumed, and a small number that counts orders.
_PARTITION, _SIZE = sp.Function("A"), sp.Dummy("epsilon")
#: Small coefficients of the third and fourth Hermite polynomial in a decoder.
_THIRD, _FOURTH = (tuple(sp.Symbol(f"{letter}_{i}", real=True) for i in COMPONENTS) for letter in "tb")
#: Any loss of a component as a function of the decoder's output.
_LOSS = sp.Function("ell")
_mean, _dispersion, _variance = sym("count_mean"), sym("dispersion"), sym("decoder_variance")
MEANS, DISPERSIONS, VARIANCES = (tuple(indexed(name, i) for i in COMPONENTS)
                                 for name in ("count_mean", "dispersion", "decoder_variance"))


def bernoulli_partition() -> sp.Expr:
    """Return A of a Bernoulli variable: the logarithm of the sum of its two weights."""
    return sp.log(sum(sp.exp(value * _natural) for value in (0, 1)))


def gaussian_partition() -> sp.Expr:
    """Return A of a Gaussian of variance σ², whose natural parameter is its mean over σ²."""
    return sigma**2 * _natural**2 / 2


def cross_entropy() -> sp.Expr:
    """Return the binary cross-entropy of a value in [0, 1] at the logit ϑ."""
    chance = 1 / (1 + sp.exp(-_natural))
    return -_value * sp.log(chance) - (1 - _value) * sp.log(1 - chance)


def squared_error() -> sp.Expr:
    """Return the squared error over 2σ² at the natural parameter ϑ."""
    return (_value - sigma**2 * _natural) ** 2 / (2 * sigma**2)


def constant_decoder(partition: sp.Expr) -> sp.Expr:
    """Return the ϑ of the best decoder that ignores its latent, for data of mean p: A'(ϑ) = p."""
    loss = average(partition - _value * _natural, [_value], [sym("probability")], sp.zeros(1))
    (solution,) = sp.solve(sp.diff(loss, _natural), _natural)
    return solution


def information(partition: sp.Expr) -> sp.Expr:
    """Return F = A''(ϑ) at the best constant decoder."""
    return sp.factor(sp.simplify(sp.diff(partition, _natural, 2).subs(_natural, constant_decoder(partition))))


def _taylor(expression: sp.Expr) -> sp.Expr:
    """Return the expression to second order in the small number."""
    return sp.Add(*[sp.diff(expression, _SIZE, order).subs(_SIZE, 0).doit() * _SIZE**order / sp.factorial(order)
                    for order in range(3)])


def _component(i: int, change: sp.Expr, any_loss: bool) -> sp.Expr:
    """Return what a component adds to the loss where the decoder's output changes so, to second order."""
    base = NATURAL[i]
    shifted = base + _SIZE * change
    if any_loss:
        # Of the second derivative, which differs from sample to sample, only the mean enters.
        known = {sp.diff(_LOSS(base), base, 2): INFORMATION[i], sp.diff(_LOSS(base), base): -DEVIATION[i]}
        return _taylor(_LOSS(shifted)).xreplace(known)
    mean = sp.diff(_PARTITION(base), base)
    cost = _taylor(_PARTITION(shifted) - (mean + DEVIATION[i]) * shifted)
    return cost.xreplace({sp.diff(_PARTITION(base), base, 2): INFORMATION[i]})


@cache
def expansion(any_loss: bool = False, powers: tuple[sp.Expr, ...] = (sp.S.Zero, sp.S.Zero)) -> tuple[sp.Expr, sp.Expr]:
    r"""Return the first and second order of a sample's loss around full collapse.

    The decoder is :math:`\vartheta_i+\epsilon(e_i+w_iz+q_i(z^2-1))` with :math:`A'(\vartheta_i)` the mean of the
    component, the encoder has the mean εh and the variance 1 + ε(D − 1). With ``any_loss`` a component costs any smooth
    function of ϑ instead, whose mean over the data is stationary at :math:`\vartheta_i`; ``powers`` are functions of z
    that are added in the brackets.
    """
    mean, variance = _SIZE * h, 1 + _SIZE * (D - 1)
    reconstruction = sp.Add(*[_component(i, e + w * z + q * (z**2 - 1) + more, any_loss) for i, (e, w, q, more) in
                              enumerate(zip(OFFSET, SLOPE, CURVATURE, powers, strict=True))])
    cost = _taylor(beta * kl_to_prior().subs({h: mean, D: variance}, simultaneous=True))
    # The reconstruction is a polynomial in the small number already: of it the orders are read off.
    orders = sp.Poly(normal_average(reconstruction, z, mean, variance) + sp.expand(cost), _SIZE)
    return sp.expand(orders.nth(1)), sp.expand(orders.nth(2))


def higher_powers() -> sp.Expr:
    """Return what Hermite polynomials of third and fourth order in the decoder add to the second order of the loss."""
    cubic, quartic = z**3 - 3 * z, z**4 - 6 * z**2 + 3
    powers = tuple(third * cubic + fourth * quartic for third, fourth in zip(_THIRD, _FOURTH, strict=True))
    return sp.expand(expansion(powers=powers)[1] - expansion()[1])


def best_encoder() -> tuple[sp.Expr, sp.Expr]:
    """Return the mean h and the variance D of the posterior of a sample that make its loss least, to second order."""
    second = expansion()[1]
    (solution,) = sp.solve([sp.diff(second, h), sp.diff(second, D)], [h, D], dict=True)
    return solution[h], solution[D]


@cache
def collapse_hessian(any_loss: bool = False) -> sp.ImmutableMatrix:
    """Return the Hessian of the mean loss in (e, w, q), two components each, the encoder at its best."""
    mean, variance = best_encoder()
    second = expansion(any_loss)[1].subs({h: mean, D: variance}, simultaneous=True)
    loss = average(second, DEVIATION, [0, 0], COVARIANCE)
    return sp.ImmutableMatrix(sp.hessian(loss, [*OFFSET, *SLOPE, *CURVATURE]))


def correlated_latents() -> sp.ImmutableMatrix:
    """Return the Hessian in the coefficients q of z₁z₂ in the decoder, where a posterior correlates two latents."""
    other, tilt = sp.Dummy("other", real=True), sp.Dummy("tilt", real=True)
    correlation = _SIZE * tilt
    cost = sp.Add(*[_component(i, q * z * other, any_loss=False) for i, q in enumerate(CURVATURE)])
    # The second latent given the first, then the first.
    given = normal_average(sp.expand(cost), other, correlation * z, 1 - correlation**2)
    loss = normal_average(sp.expand(given), z, sp.S.Zero, sp.S.One) - beta * sp.log(1 - correlation**2) / 2
    second = sp.expand(_taylor(loss)).coeff(_SIZE, 2)
    (best,) = sp.solve(sp.diff(second, tilt), tilt)
    return sp.ImmutableMatrix(sp.hessian(average(second.subs(tilt, best), DEVIATION, [0, 0], COVARIANCE), CURVATURE))


def whitened_hessian() -> sp.ImmutableMatrix:
    r"""Return the Hessian in :math:`F^{1/2}w`."""
    scale = sp.diag(*[1 / sp.sqrt(value) for value in INFORMATION])
    return sp.ImmutableMatrix(scale * collapse_hessian()[2:4, 2:4] * scale).applyfunc(sp.expand)


def whitened_covariance(partition: sp.Expr) -> sp.ImmutableMatrix:
    r"""Return :math:`S=F^{-1/2}\Sigma F^{-1/2}` of a family: the Hessian in :math:`F^{1/2}w` is 1 − S/β."""
    at = [information(partition).subs(sym("probability"), chance) for chance in PROBABILITY]
    hessian = whitened_hessian().xreplace(dict(zip(INFORMATION, at, strict=True)))
    return (beta * (sp.eye(2) - hessian)).applyfunc(sp.expand)


def _covariance_of(law: dict[tuple[int, int], sp.Expr]) -> sp.ImmutableMatrix:
    """Return the covariance of two components that are 0 or 1, of means p₁ and p₂, by the chances of their states."""
    return sp.ImmutableMatrix(2, 2, lambda i, j: sp.factor(sum(
        chance * (state[i] - PROBABILITY[i]) * (state[j] - PROBABILITY[j]) for state, chance in law.items())))


def binary_covariance() -> sp.ImmutableMatrix:
    """Return the covariance of two binary components, summed over their four states."""
    both = indexed("probability", 1, 2)
    one, other = PROBABILITY
    return _covariance_of({(1, 1): both, (1, 0): one - both, (0, 1): other - both, (0, 0): 1 - one - other + both})


def binary_whitened() -> sp.ImmutableMatrix:
    """Return S of two binary components under a Bernoulli likelihood."""
    values = dict(zip(COVARIANCE.flat(), binary_covariance().flat(), strict=True))
    return whitened_covariance(bernoulli_partition()).xreplace(values).applyfunc(sp.cancel)


def binary_eigenvalues() -> tuple[sp.Expr, ...]:
    """Return the eigenvalues of S for two binary components, 1 − r and 1 + r for the correlation r."""
    matrix, correlation = binary_whitened(), sym("correlation")
    entry: Any = matrix[0, 1]
    roots = matrix.xreplace({entry: correlation}).eigenvals(multiple=True)
    ordered = sorted(roots, key=lambda root: root.subs(correlation, sp.S.Half))
    return tuple(root.xreplace({correlation: entry}) for root in ordered)


def unexplained_variance() -> sp.Expr:
    """Return E x(1 − x) of a component with mean p and variance Σ₁₁, which no value in [0, 1] makes negative."""
    return average(_value * (1 - _value), [_value], [sym("probability")], COVARIANCE[:1, :1])


def linked() -> tuple[sp.Expr, sp.Expr]:
    """Return score and information by t, where the output of the decoder is ϑ(t): any smooth function."""
    t, bend = sp.Dummy("t"), sp.Dummy("bend")
    base = NATURAL[0]
    cost = _taylor(_LOSS(base + _SIZE * t)).subs(_SIZE, 1).xreplace(
        {sp.diff(_LOSS(base), base, 2): sym("information"), sp.diff(_LOSS(base), base): -sym("deviation")})
    cost = cost.subs(t, sym("link_slope") * t + bend * t**2 / 2)
    # The mean over the data of the score is zero.
    return -sp.diff(cost, t).subs(t, 0), sp.diff(cost, t, 2).subs(t, 0).subs(sym("deviation"), 0)


def whitened_by(cost: sp.Expr, variable: sp.Symbol, at: sp.Expr) -> sp.Expr:
    r"""Return the :math:`a/\sqrt F` of a loss of one component whose score is a(x − μ).

    The loss is one in ``variable``, best constant at ``at``, for values of mean μ.
    """
    score = -sp.diff(cost, variable, _value).subs(variable, at)
    curvature = average(sp.diff(cost, variable, 2).subs(variable, at), [_value], [_mean], sp.zeros(1))
    return sp.sqrt(sp.cancel(score**2 / curvature))


def poisson_weights() -> tuple[sp.Expr, sp.Expr]:
    """Return that of a Poisson law whose mean is the exponential, and the softplus, of the decoder's output."""
    def cost(mean: sp.Expr) -> sp.Expr:
        return mean - _value * sp.log(mean)

    exponential, softplus = sp.exp(_natural), sp.log(1 + sp.exp(_natural))
    return (whitened_by(cost(exponential), _natural, sp.log(_mean)),
            whitened_by(cost(softplus), _natural, sp.log(sp.exp(_mean) - 1)))


def negative_binomial() -> sp.Expr:
    """Return what depends on the mean in the negative logarithm of a negative binomial law, and on both parameters."""
    return (_value + _dispersion) * sp.log(_mean + _dispersion) - _value * sp.log(_mean) - (
        _dispersion * sp.log(_dispersion))


def negative_binomial_covariance() -> sp.ImmutableMatrix:
    """Return S of two components under negative binomial laws."""
    place = sp.Dummy("place", positive=True)
    weight = whitened_by(negative_binomial().subs(_mean, place), place, _mean)
    weights = [weight.subs({_mean: m, _dispersion: r}) for m, r in zip(MEANS, DISPERSIONS, strict=True)]
    return sp.ImmutableMatrix(2, 2, lambda i, j: COVARIANCE[i, j] * weights[i] * weights[j])


def dispersion_coupling() -> sp.Expr:
    """Return the second derivative of that loss by mean and dispersion."""
    return sp.factor(sp.diff(negative_binomial(), _mean, _dispersion))


def softmax_information() -> sp.ImmutableMatrix:
    """Return the information of a group of three categories at the chances p₁, p₂ of the first two."""
    outputs = [sp.Symbol(f"u{i}", real=True) for i in (1, 2)]
    partition = sp.log(1 + sp.Add(*[sp.exp(u) for u in outputs]))
    rest = 1 - PROBABILITY[0] - PROBABILITY[1]
    at = {u: sp.log(p / rest) for u, p in zip(outputs, PROBABILITY, strict=True)}
    return sp.ImmutableMatrix(sp.hessian(partition, outputs).subs(at).applyfunc(sp.cancel))


def one_hot_covariance() -> sp.ImmutableMatrix:
    """Return the covariance of the first two columns of a one-hot group of three, summed over its three states."""
    first, second = PROBABILITY
    return _covariance_of({(1, 0): first, (0, 1): second, (0, 0): 1 - first - second})


def categories_weight() -> sp.ImmutableMatrix:
    r"""Return :math:`J^TP^{-1}J` for a group of three, where J makes its columns of the first two."""
    # Deviations sum to zero: the last is minus the sum of the others.
    extend = sp.Matrix([[1, 0], [0, 1], [-1, -1]])
    weights = sp.diag(*[1 / p for p in (PROBABILITY[0], PROBABILITY[1], 1 - PROBABILITY[0] - PROBABILITY[1])])
    return sp.ImmutableMatrix((extend.T * weights * extend).applyfunc(sp.cancel))


def sized_counts() -> tuple[sp.Expr, sp.Expr]:
    """Return score and information of a Poisson count whose mean is np, in ln p, for a sample of size n."""
    size = sym("size")
    cost = size * sp.exp(_natural) - _value * _natural
    return tuple(part.subs(_natural, sp.log(_p)) for part in (-sp.diff(cost, _natural), sp.diff(cost, _natural, 2)))


def multinomial_information() -> sp.ImmutableMatrix:
    """Return the information of n counts under a softmax over three features, at the shares p₁, p₂ of the first."""
    return sp.ImmutableMatrix(sym("size") * softmax_information())


def learned_variances() -> tuple[sp.Expr, sp.Expr]:
    """Return the variance of a normal law that is best for each of two components, and for both together."""
    def best(entries: tuple[sp.Expr, ...]) -> sp.Expr:
        cost = sp.Add(*[entry / (2 * _variance) + sp.log(_variance) / 2 for entry in entries])
        (found,) = sp.solve(sp.diff(cost, _variance), _variance)
        return found

    return best((COVARIANCE[0, 0],)), best((COVARIANCE[0, 0], COVARIANCE[1, 1]))


def variance_covariance(shared: bool) -> sp.ImmutableMatrix:
    """Return S of two components under normal laws with these variances."""
    each = [learned_variances()[1]] * 2 if shared else list(VARIANCES)
    # In the mean, not in the natural parameter: the score is the deviation over the variance.
    known = {COVARIANCE[i, j]: COVARIANCE[i, j] / (each[i] * each[j]) for i in range(2) for j in range(i, 2)}
    known |= {F: 1 / s for F, s in zip(INFORMATION, each, strict=True)}
    found = (beta * (sp.eye(2) - whitened_hessian().xreplace(known))).applyfunc(sp.cancel)
    # Each learned by itself is the variance of its component.
    return found if shared else found.xreplace({COVARIANCE[i, i]: VARIANCES[i] for i in range(2)})


_DOMAINS = {
    **domains_of(),
    **{symbol: domain for name, symbols in (
        ("natural", NATURAL), ("offset", OFFSET), ("w", SLOPE), ("curvature", CURVATURE), ("deviation", DEVIATION),
        ("information", INFORMATION), ("probability", (*PROBABILITY, indexed("probability", 1, 2))),
        ("covariance", tuple(COVARIANCE.free_symbols)), ("count_mean", MEANS), ("dispersion", DISPERSIONS),
        ("decoder_variance", VARIANCES), ("curvature", (*_THIRD, *_FOURTH)))
       for symbol, domain in indexed_domains(name, *symbols).items()},
}
_p, _r = sym("probability"), sym("correlation")
_A, _W, _N, _M = sym("reconstruction_weight"), sym("kl_weight"), sym("dimension"), sym("latents")
_FAMILIES = (gaussian_partition, bernoulli_partition)

_SIGMA, _SCORES, _F, _S = (sp.MatrixSymbol(name, 2, 2) for name in ("Sigma", "Sigma_y", "F", "S"))
_P, _C = sp.MatrixSymbol(r"\Pi", 2, 2), sp.MatrixSymbol("p", 2, 1)
_VARIANCES = tuple(m + m**2 / r for m, r in zip(MEANS, DISPERSIONS, strict=True))
_SPREAD = tuple(sp.sqrt(p * (1 - p)) for p in PROBABILITY)
_SPREADS = (COVARIANCE[0, 0] > 0, COVARIANCE[1, 1] > 0)
_off = COVARIANCE[0, 1] / sp.sqrt(VARIANCES[0] * VARIANCES[1])
_ALONG, _BENT = (sum(a * b for a, b in zip(part, DEVIATION, strict=True)) for part in (SLOPE, CURVATURE))
_COST = sum(F * (e**2 + w**2 + 2 * q**2) / 2 for F, e, w, q in zip(INFORMATION, OFFSET, SLOPE, CURVATURE, strict=True))
_WHERE = {
    _SIGMA: COVARIANCE,
    _SCORES: COVARIANCE,
    _F: sp.ImmutableMatrix(sp.diag(*INFORMATION)),
    _S: sp.ImmutableMatrix(2, 2, lambda i, j: COVARIANCE[i, j] / sp.sqrt(INFORMATION[i] * INFORMATION[j])),
    _P: sp.ImmutableMatrix(sp.diag(*PROBABILITY)),
    _C: sp.ImmutableMatrix(PROBABILITY),
    _r: (indexed("probability", 1, 2) - PROBABILITY[0] * PROBABILITY[1]) / (_SPREAD[0] * _SPREAD[1]),
}

STEPS = folded((
    Step("squared-error", "Squared error as a family", sp.Symbol(r"\ell_{\mathrm{Gauss}}"), squared_error,
         sigma**2 * _natural**2 / 2 - _natural * _value + _value**2 / (2 * sigma**2), _DOMAINS, "new",
         prose=r"A decoder of an exponential family gives the component $x_i$ of a sample the law "
               r"$p(x_i|\vartheta)\propto e^{x_i\vartheta-A(\vartheta)}$, with $A$ the logarithm of what normalises "
               r"it, so that it costs $A(\vartheta)-x_i\vartheta$ up to a term of $x_i$ alone. With $\vartheta=\hat "
               r"x/\sigma^2$, $\hat x$ the decoder's mean, the squared error $(x_i-\hat x)^2/2\sigma^2$ is of this "
               r"form,"),
    Step("cross-entropy", "Binary cross-entropy as a family", sp.Symbol(r"\ell_{\mathrm{BCE}}"),
         cross_entropy, sp.log(1 + sp.exp(_natural)) - _natural * _value, _DOMAINS, "new",
         prose=r"and so is binary cross-entropy, with the logit $\vartheta$; it takes any $x_i$ in $[0,1]$:"),
    Step("constant-decoder", "The best constant decoder", sp.Symbol("vartheta"),
         lambda: tuple(constant_decoder(family()) for family in _FAMILIES),
         (_p / sigma**2, sp.log(_p / (1 - _p))), _DOMAINS, "new",
         (r"$\mathbb E\,x_i=p$", "0 < p < 1 for the second"), (_p < 1,),
         prose=r"When all latents are collapsed the decoder is constant, and best where $A'(\vartheta)$ is the mean "
               r"$p$ of the component, for the two families at"),
    Step("information", "Its Fisher information", sp.Symbol("F"),
         lambda: tuple(information(family()) for family in _FAMILIES),
         (sigma**2, _p * (1 - _p)), _DOMAINS, "new", (r"$\mathbb E\,x_i=p$", "0 < p < 1 for the second"), (_p < 1,),
         prose=r"There $F=A''(\vartheta)$, the variance that this law gives the component, is"),
    Step("first-order", "Full collapse is stationary", sp.Symbol(r"\ell^{(1)}"),
         lambda: expansion()[0],
         -sum(e * y for e, y in zip(OFFSET, DEVIATION, strict=True)), _DOMAINS, "new",
         (r"$A$ is any function", "A'(ϑ) is the mean of the component"),
         prose=r"Let now the decoder be $\vartheta_i+\delta\,(e_i+w_iz+q_i(z^2-1))$ and the posterior of a sample "
               r"normal with mean $\delta h$ and variance $1+\delta(D-1)$; $h$ and $D$, the variance at $\delta=1$, "
               r"are here each sample's own. Two components of a sample, $y_i$ off their means, show all there is. The "
               r"first order in $\delta$ of the loss vanishes in the mean over the data, $\mathbb E\,y=0$:"),
    Step("second-order", "The loss around full collapse", sp.Symbol(r"\ell^{(2)}"),
         lambda: expansion()[1],
         _COST - h * _ALONG - (D - 1) * _BENT + beta * (h**2 / 2 + (D - 1) ** 2 / 4), _DOMAINS, "new",
         (r"$A$ is any function", "A'(ϑ) is the mean of the component"),
         prose=r"The second order is all that decides. The posterior variance meets only the curvature $q$ of the "
               r"decoder: for a decoder that is linear in $z$ it does not matter."),
    Step("higher-powers", "Higher powers only cost", sp.Symbol(r"\Delta\ell^{(2)}"), higher_powers,
         sp.Add(*[f * (3 * third**2 + 12 * fourth**2)
                  for f, third, fourth in zip(INFORMATION, _THIRD, _FOURTH, strict=True)]), _DOMAINS, "new",
         (r"$A$ is any function", "A'(ϑ) is the mean of the component"),
         prose=r"Higher powers of $z$ only cost, as a small change of mean and variance moves no higher Hermite "
               r"moment. "
               r"With $\delta\,[t_i\,(z^3-3z)+b_i\,(z^4-6z^2+3)]$ in the decoder the second order is larger by"),
    Step("best-encoder", "The best encoder", sp.Tuple(h, D), best_encoder,
         (_ALONG / beta, 1 + 2 * _BENT / beta), _DOMAINS, "new",
         prose=r"An encoder that can be a linear function of the data attains for every sample"),
    Step("hessian", "Hessian of full collapse", sp.MatrixSymbol("H", 6, 6), collapse_hessian,
         sp.BlockDiagMatrix(_F, _F - _SIGMA / beta, 2 * (_F - _SIGMA / beta)), _DOMAINS, "new",
         ("Σ is the covariance of the data",),
         argued="powers of z above the fourth, and that several latents decouple but for their correlations",
         prose=r"What is left, averaged over training samples of covariance $\Sigma$, is a quadratic form in $(e,w,q)$ "
               r"whose Hessian, with $F=\mathrm{diag}(F_1,F_2)$, is block diagonal. A curved decoder with a posterior "
               r"variance of its own for each sample becomes unstable where a linear one does; and "
               r"several latents decouple under a posterior that is a product over them, as their means meet at "
               r"fourth order only:"),
    Step("correlated", "Correlated latents", sp.MatrixSymbol("H_q", 2, 2), correlated_latents, _F - _SIGMA / beta,
         _DOMAINS, "new", ("A'(ϑ) is the mean of the component",),
         prose=r"A posterior that correlates two latents meets $q_iz_1z_2$ in the decoder. With the correlation at its "
               r"best for each sample the Hessian in these $q_i$ becomes unstable at the same $\beta$:"),
    Step("whitened", "The threshold of full collapse", sp.MatrixSymbol("H_w", 2, 2), whitened_hessian,
         sp.Identity(2) - _S / beta, _DOMAINS, "new",
         prose=r"In the coordinates $F^{1/2}w$ its second block is $1-S/\beta$ with $S=F^{-1/2}\Sigma F^{-1/2}$: full "
               r"collapse is locally unstable iff $\beta<\lambda_{\max}(S)$, for encoders and decoders that can be any "
               r"small linear function of data and latent. Constant components, $\Sigma_{ii}=0$, are left out."),
    Step("gaussian", "The threshold for squared error", _S, lambda: whitened_covariance(_FAMILIES[0]()),
         COVARIANCE / sigma**2, _DOMAINS, "new",
         prose=r"For squared error that is the known threshold at $\lambda=0$, $\beta\sigma^2<\Lambda_{\max}$,"),
    Step("bernoulli", "The threshold for cross-entropy", _S, lambda: whitened_covariance(_FAMILIES[1]()),
         sp.ImmutableMatrix(2, 2, lambda i, j: COVARIANCE[i, j] / (_SPREAD[i] * _SPREAD[j])), _DOMAINS, "new",
         (), tuple(p < 1 for p in PROBABILITY),
         prose=r"and for binary cross-entropy, with the means $p_i$ of the components,"),
    Step("grey", "Grey values", sp.Symbol(r"\mathbb E\,x_i(1-x_i)"), unexplained_variance,
         _p * (1 - _p) - COVARIANCE[0, 0], _DOMAINS, "new", (r"$\mathbb E\,x_i=p$, $\mathrm{Var}\,x_i=\Sigma_{11}$",),
         prose=r"Its diagonal entries are at most $1$, since a value in $[0,1]$ has $x_i(1-x_i)\ge0$, and $1$ for "
               r"binary values only:"),
    Step("binary", "Binary data", _S, binary_whitened, sp.ImmutableMatrix([[1, _r], [_r, 1]]), _DOMAINS,
         "new", ("x₁ and x₂ are 0 or 1, both 1 with chance p₁₂",), tuple(p < 1 for p in PROBABILITY),
         prose=r"For binary data $S$ is the correlation matrix, with "
               r"$S_{12}=(p_{12}-p_1p_2)/\sqrt{p_1(1-p_1)p_2(1-p_2)}$:"),
    Step("pair", "Two binary components", sp.Symbol(r"\mathrm{eig}\,S"), binary_eigenvalues,
         (1 - _r, 1 + _r), _DOMAINS, "new", (), tuple(p < 1 for p in PROBABILITY),
         prose=r"A part of a symmetric matrix has no larger eigenvalue than the whole. So for binary data with any two "
               r"components correlated the threshold is above $1$: at $\beta=1$ full collapse is no minimum. It is the "
               r"correlation in the training set that counts; in a finite sample it is hardly ever exactly zero, "
               r"independent components or not."),
    Step("any-loss", "Any loss", sp.MatrixSymbol("H", 6, 6), lambda: collapse_hessian(any_loss=True),
         sp.BlockDiagMatrix(_F, _F - _SCORES / beta, 2 * (_F - _SCORES / beta)), _DOMAINS, "new",
         ("ℓ is any smooth loss of a component", r"$y=-\ell'(\vartheta)$ at the best constant, $\Sigma_y$ its "
                                                 r"covariance, $F=\mathbb E\,\ell''$, $F_i>0$"),
         prose=r"No family is needed. Let a component cost any smooth $\ell_i(x_i,\vartheta)$ with a best constant "
               r"output $\vartheta_i$, where the scores $y_i=-\ell_i'$ have mean zero. With their covariance "
               r"$\Sigma_y$ and the mean curvatures $F_i=\mathbb E\,\ell_i''>0$ the Hessian is the same, and "
               r"$S=F^{-1/2}\Sigma_yF^{-1/2}$; in a family in its natural parameter $\Sigma_y$ is the $\Sigma$ of the "
               r"data. Nothing changes for the loss of a vector, for which $F$ is the matrix "
               r"$\mathbb E\,\nabla\nabla\ell$:"),
    Step("link", "The link drops out", sp.Symbol("(y,F)"), linked,
         (sym("link_slope") * sym("deviation"), sym("link_slope")**2 * sym("information")), _DOMAINS, "new",
         (r"$\mathbb E\,y=0$", r"$\upsilon\ne0$"),
         prose=r"If the output passes through any smooth function, of slope $\upsilon$ at the best constant, score and "
               r"curvature become those below, as the function's second derivative meets only the score's mean, which "
               r"is zero. $S$ stays: a link changes no threshold."),
    Step("poisson", "The threshold for counts", sp.Symbol(r"a/\sqrt{F}"), poisson_weights,
         (1 / sp.sqrt(_mean), 1 / sp.sqrt(_mean)), _DOMAINS, "new",
         (r"$\mathbb E\,x_i=\mu$", "exponential, softplus"),
         prose=r"In the following $\Sigma_{ij}$ is the covariance of the data again. Where the score is "
               r"$a_i(x_i-\mathbb E\,x_i)$, $S_{ij}=a_i\Sigma_{ij}a_j/\sqrt{F_iF_j}$. Counts under a Poisson law, "
               r"$\ell=\mu-x\ln\mu$, with $\mu$ the exponential of the output, or its softplus $\ln(1+e^\vartheta)$, "
               r"have the factors below and both times $S_{ij}=\Sigma_{ij}/\sqrt{\mu_i\mu_j}$:"),
    Step("negative-binomial", "Overdispersed counts", _S, negative_binomial_covariance,
         sp.ImmutableMatrix(2, 2, lambda i, j: COVARIANCE[i, j] / sp.sqrt(_VARIANCES[i] * _VARIANCES[j])), _DOMAINS,
         "new", (r"$\mathbb E\,x_i=\mu_i$",),
         prose=r"and under a negative binomial law of variance $\mu+\mu^2/\xi$"),
    Step("dispersion", "A learned dispersion", sp.Symbol(r"\partial_{\mu}\partial_{\xi}\ell"), dispersion_coupling,
         (_mean - _value) / (_mean + _dispersion)**2, _DOMAINS, "new",
         argued="that with the slope in z the dispersion meets at third order only",
         prose=r"If the model learns one $\xi_i$ for a component, which does not depend on $z$, the best constant "
               r"decoder has it at its maximum likelihood, finite for counts whose variance exceeds their mean. "
               r"Its mixed derivative with the mean of the component vanishes on average, and with the slope in $z$ it "
               r"would meet at third order only: the threshold is that of a dispersion given at this value. (A "
               r"dispersion that is an output of the decoder has a score of its own, which adds to $S$.)"),
    Step("softmax", "Categories", _F, softmax_information, _P - _C * _C.T, _DOMAINS, "new",
         ("categories 1 and 2 of three",), (PROBABILITY[0] + PROBABILITY[1] < 1,),
         prose=r"A softmax over the columns of a one-hot group is a loss of a vector. In the outputs of the columns "
               r"but the last, whose output is $0$, it has, at the vector $p$ of their chances, "
               r"$\Pi=\mathrm{diag}\,p$, the matrix"),
    Step("one-hot", "One-hot groups", sp.Symbol(r"\mathrm{Cov}"), one_hot_covariance, _P - _C * _C.T, _DOMAINS, "new",
         (), (PROBABILITY[0] + PROBABILITY[1] < 1,),
         prose=r"which is the covariance of one-hot data themselves in these columns. So $S$ has an identity for each "
               r"group on its diagonal, and as for binary data the threshold is above $1$ as soon as two groups depend "
               r"on each other:"),
    Step("correspondence", "The threshold for categories", sp.Symbol(r"J^{T}\Pi_{3}^{-1}J"), categories_weight,
         (_P - _C * _C.T).I, _DOMAINS, "new", ("a group of three categories",),
         (PROBABILITY[0] + PROBABILITY[1] < 1,),
         prose=r"No pseudo-inverse is needed. Let $J=\Bigl(\begin{smallmatrix}1&0\\0&1\\-1&-1\end{smallmatrix}\Bigr)$ "
               r"make of the deviations of the columns but the last those of all, which sum to zero, and "
               r"$\Pi_3=\mathrm{diag}(p_1,p_2,1-p_1-p_2)$ hold the chances of all; of several groups both are block "
               r"diagonal. The matrix $\Pi_3^{-1}J\Sigma J^T$ has the non-zero eigenvalues of $J^T\Pi_3^{-1}J\Sigma$, "
               r"which by the equation below is $F^{-1}\Sigma$: the threshold is that of "
               r"$\mathrm{Cov}_{ij}/\sqrt{p_ip_j}$ over all columns of all groups, multiple correspondence analysis, "
               r"as for Poisson counts of the means $p_i$."),
    Step("sizes", "Samples of any size", sp.Symbol(r"(y,\ell'')"), sized_counts,
         (_value - sym("size") * _p, sym("size") * _p), _DOMAINS, "new",
         ("$n_x$ is known to the decoder",),
         prose=r"If the mean of a count is $n_xp_i$, with $n_x$ the total of the sample and $p_i$ a share, its score "
               r"in $\ln p_i$ is what it is beyond its share, and the mean of the curvature is $F_i=p_i\,\mathbb E "
               r"n_x=\mathbb E\,x_i$. For one component of share $p$:"),
    Step("multinomial", "Counts under one softmax", sp.Symbol(r"\nabla\nabla\ell"), multinomial_information,
         sym("size") * (_P - _C * _C.T), _DOMAINS, "new", ("features 1 and 2 of three",),
         (PROBABILITY[0] + PROBABILITY[1] < 1,),
         prose=r"At the best shares $p_i=\mathbb E\,x_i/\mathbb E\,n_x$ these scores sum to zero over the features, "
               r"and a softmax over all, with the curvature below, has the same scores: as for categories, with $F$ "
               r"and $\Pi_3$ times $\mathbb E\,n_x$, the two have the same threshold, the largest eigenvalue of "
               r"$\mathrm{Cov}(y)_{ij}/\sqrt{\mathbb E x_i\,\mathbb E x_j}$."),
    Step("learned-variances", "Normal laws of learned variance", sp.Symbol("s"), learned_variances,
         (COVARIANCE[0, 0], (COVARIANCE[0, 0] + COVARIANCE[1, 1]) / 2), _DOMAINS, "new",
         ("each its own; one for both",), _SPREADS,
         argued="that with the slope in z the variance meets at third order only",
         prose=r"A normal law that learns a variance $s$ which does not depend on $z$ has it, at full collapse, at the "
               r"variance of the component, or at the mean of all variances if they share one; as for the dispersion, "
               r"the threshold is that of variances given at these values:"),
    Step("correlation", "One variance each", _S, lambda: variance_covariance(shared=False),
         sp.ImmutableMatrix([[1, _off], [_off, 1]]), _DOMAINS, "new", ("s_i is the variance of component i",),
         prose=r"With the score $(x_i-\mathbb E\,x_i)/s_i$ and the curvature $1/s_i$ the first makes $S$ the "
               r"correlation matrix (and so does squared error at $\sigma=1$ on components scaled to unit variance), "
               r"so that at $\beta=1$ full collapse is no minimum if two components are correlated,"),
    Step("shared-variance", "One variance for all", _S, lambda: variance_covariance(shared=True),
         2 * COVARIANCE / (COVARIANCE[0, 0] + COVARIANCE[1, 1]), _DOMAINS, "new", (), _SPREADS,
         prose=r"and the second the covariance over the mean variance:"),
    Step("loss-scale", "From a user's loss to the theory", beta,
         lambda: tuple(loss.effective_beta(error, kl, sp.S.One) for error in (False, True) for kl in (False, True)),
         (_W / _A, _W / (_M * _A), _W * _N / _A, _W * _N / (_M * _A)), _DOMAINS, "new",
         prose="For a loss of $a_S$ times such a reconstruction term and $w_K$ times the KL the weight of the theory "
               "is, with the two summed or averaged as (sum, sum), (sum, mean), (mean, sum), (mean, mean), the first "
               "over $N$ terms, each the loss of a component or of a group, the KL over $M$ latents,"),
), _WHERE)

CHAPTER = Chapter(
    "likelihoods", "Other likelihoods",
    r"Around full collapse the loss is known to second order in the functions that encoder and decoder compute. For "
    r"networks that can be any small linear function that decides whether full collapse is stable; where other states "
    r"are, it does not tell. There is no weight decay in this chapter, $\lambda=0$, and $\mathbb E$ is the mean over "
    r"the training samples.", STEPS,
    question=r"All chapters so far have squared error. Where does full collapse become unstable under another "
             r"likelihood, binary cross-entropy among them?",
    answer=r"Without weight decay, and for encoders and decoders that can be small linear functions, full collapse is "
           r"locally unstable iff $\beta<\lambda_{\max}(F^{-1/2}\Sigma_yF^{-1/2})$, \eqref{likelihoods:whitened}, "
           r"\eqref{likelihoods:any-loss}, with the covariance $\Sigma_y$ of the scores and their mean curvature $F$; "
           r"no link function enters, \eqref{likelihoods:link}. For binary data, one-hot groups, and components of "
           r"unit variance or of a learned variance each, the largest eigenvalue is above 1 as soon as two components "
           r"(of different groups) are correlated in the training set: at $\beta=1$ full collapse is then no minimum.")
