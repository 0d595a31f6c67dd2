"""Chapter: full collapse under other likelihoods, binary cross-entropy above all."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter, folded
from derivations.linear_vae.consequences import likelihoods_formulas
from derivations.linear_vae.consequences.likelihoods_formulas import (
    COVARIANCE,
    CURVATURE,
    DEVIATION,
    INFORMATION,
    NATURAL,
    OFFSET,
    PROBABILITY,
    SLOPE,
)
from vaesym.algebra import Step
from vaesym.linear_vae.statement import loss
from vaesym.linear_vae.statement.symbols import D, beta, domains_of, h, indexed, indexed_domains, sigma, sym

_DOMAINS = {
    **domains_of(),
    **{symbol: domain for name, symbols in (
        ("natural", NATURAL), ("offset", OFFSET), ("w", SLOPE), ("curvature", CURVATURE), ("deviation", DEVIATION),
        ("information", INFORMATION), ("probability", (*PROBABILITY, indexed("probability", 1, 2))),
        ("covariance", tuple(COVARIANCE.free_symbols)))
       for symbol, domain in indexed_domains(name, *symbols).items()},
}
_natural, _value, _p, _r = (sym(name) for name in ("natural", "value", "probability", "correlation"))
_A, _W, _N, _M = sym("reconstruction_weight"), sym("kl_weight"), sym("dimension"), sym("latents")
_FAMILIES = (likelihoods_formulas.gaussian_partition, likelihoods_formulas.bernoulli_partition)

_SIGMA, _F, _S = (sp.MatrixSymbol(name, 2, 2) for name in ("Sigma", "F", "S"))
_SPREAD = tuple(sp.sqrt(p * (1 - p)) for p in PROBABILITY)
_ALONG, _BENT = (sum(a * b for a, b in zip(part, DEVIATION, strict=True)) for part in (SLOPE, CURVATURE))
_COST = sum(F * (e**2 + w**2 + 2 * q**2) / 2 for F, e, w, q in zip(INFORMATION, OFFSET, SLOPE, CURVATURE, strict=True))
_WHERE = {
    _SIGMA: COVARIANCE,
    _F: sp.ImmutableMatrix(sp.diag(*INFORMATION)),
    _S: sp.ImmutableMatrix(2, 2, lambda i, j: COVARIANCE[i, j] / sp.sqrt(INFORMATION[i] * INFORMATION[j])),
    _r: (indexed("probability", 1, 2) - PROBABILITY[0] * PROBABILITY[1]) / (_SPREAD[0] * _SPREAD[1]),
}

STEPS = folded((
    Step("squared-error", "Squared error as a family", sp.Symbol(r"\ell_{\mathrm{Gauss}}"), likelihoods_formulas.squared_error,
         sigma**2 * _natural**2 / 2 - _natural * _value + _value**2 / (2 * sigma**2), _DOMAINS, "new",
         prose=r"A decoder of an exponential family gives the component $x_i$ of a sample the law "
               r"$p(x_i|\vartheta)\propto e^{x_i\vartheta-A(\vartheta)}$, so that it costs "
               r"$A(\vartheta)-x_i\vartheta$ up to a term of $x_i$ alone. With $\vartheta=\hat x/\sigma^2$ the squared "
               r"error $(x-\hat x)^2/2\sigma^2$ is of this form,"),
    Step("cross-entropy", "Binary cross-entropy as a family", sp.Symbol(r"\ell_{\mathrm{BCE}}"),
         likelihoods_formulas.cross_entropy, sp.log(1 + sp.exp(_natural)) - _natural * _value, _DOMAINS, "new",
         prose=r"and so is binary cross-entropy, with the logit $\vartheta$; it takes any $x_i$ in $[0,1]$:"),
    Step("constant-decoder", "The best constant decoder", sp.Symbol("vartheta"),
         lambda: tuple(likelihoods_formulas.constant_decoder(family()) for family in _FAMILIES),
         (_p / sigma**2, sp.log(_p / (1 - _p))), _DOMAINS, "new", ("E x_i = p",), (_p < 1,),
         prose=r"When all latents are collapsed the decoder is constant, and best where $A'(\vartheta)$ is the mean "
               r"$p$ of the component, for the two families at"),
    Step("information", "Its Fisher information", sp.Symbol("F"),
         lambda: tuple(likelihoods_formulas.information(family()) for family in _FAMILIES),
         (sigma**2, _p * (1 - _p)), _DOMAINS, "new", ("E x_i = p",), (_p < 1,),
         prose=r"There $F=A''(\vartheta)$, the variance that this law gives the component, is"),
    Step("first-order", "Full collapse is stationary", sp.Symbol(r"\ell^{(1)}"),
         lambda: likelihoods_formulas.expansion()[0],
         -sum(e * y for e, y in zip(OFFSET, DEVIATION, strict=True)), _DOMAINS, "new",
         ("A is any function", "A'(ϑ) is the mean of the component"),
         prose=r"Let now the decoder be $\vartheta_i+\epsilon\,(e_i+w_iz+q_i(z^2-1))$ and the posterior of a sample "
               r"normal with mean $\epsilon h$ and variance $1+\epsilon(D-1)$. Two components of a sample, "
               r"$y_i$ off their means, show all there is. The first order in $\epsilon$ of the loss vanishes in the "
               r"mean over the data, $\mathrm{E}\,y=0$:"),
    Step("second-order", "The loss around full collapse", sp.Symbol(r"\ell^{(2)}"),
         lambda: likelihoods_formulas.expansion()[1],
         _COST - h * _ALONG - (D - 1) * _BENT + beta * (h**2 / 2 + (D - 1) ** 2 / 4), _DOMAINS, "new",
         ("A is any function", "A'(ϑ) is the mean of the component"),
         prose=r"The second order is all that decides. The posterior variance meets only the curvature $q$ of the "
               r"decoder: for a decoder that is linear in $z$ it does not matter."),
    Step("best-encoder", "The best encoder", sp.Tuple(h, D), likelihoods_formulas.best_encoder,
         (_ALONG / beta, 1 + 2 * _BENT / beta), _DOMAINS, "new",
         prose=r"An encoder that can be a linear function of the data attains for every sample"),
    Step("hessian", "Hessian of full collapse", sp.MatrixSymbol("H", 6, 6), likelihoods_formulas.collapse_hessian,
         sp.BlockDiagMatrix(_F, _F - _SIGMA / beta, 2 * (_F - _SIGMA / beta)), _DOMAINS, "new",
         ("Σ is the covariance of the data",),
         prose=r"What is left, averaged over data of covariance $\Sigma$, is a quadratic form in $(e,w,q)$ whose "
               r"Hessian, with $F=\mathrm{diag}(F_1,F_2)$, is block diagonal. A curved decoder with a posterior "
               r"variance of its own for each sample becomes unstable where a linear one does. Higher powers of $z$ "
               r"only cost, as a small change of mean and variance moves no higher Hermite moment; and "
               r"several latents decouple, as their means meet at fourth order only:"),
    Step("whitened", "The threshold of full collapse", sp.MatrixSymbol("H_w", 2, 2), likelihoods_formulas.whitened_hessian,
         sp.Identity(2) - _S / beta, _DOMAINS, "new",
         prose=r"In the coordinates $F^{1/2}w$ its second block is $1-S/\beta$ with $S=F^{-1/2}\Sigma F^{-1/2}$: full "
               r"collapse is locally unstable iff $\beta<\lambda_{\max}(S)$. Constant components have a row of zeros "
               r"in $\Sigma$ and drop out."),
    Step("gaussian", "The threshold for squared error", _S, lambda: likelihoods_formulas.whitened_covariance(_FAMILIES[0]()),
         COVARIANCE / sigma**2, _DOMAINS, "new",
         prose=r"For squared error that is the known threshold, $\beta\sigma^2<\Lambda_{\max}$,"),
    Step("bernoulli", "The threshold for cross-entropy", _S, lambda: likelihoods_formulas.whitened_covariance(_FAMILIES[1]()),
         sp.ImmutableMatrix(2, 2, lambda i, j: COVARIANCE[i, j] / (_SPREAD[i] * _SPREAD[j])), _DOMAINS, "new",
         (), tuple(p < 1 for p in PROBABILITY),
         prose=r"and for binary cross-entropy, with the means $p_i$ of the components,"),
    Step("grey", "Grey values", sp.Symbol(r"\mathrm{E}\,x_i(1-x_i)"), likelihoods_formulas.unexplained_variance,
         _p * (1 - _p) - COVARIANCE[0, 0], _DOMAINS, "new", ("E x_i = p, Var x_i = Σ₁₁",),
         prose=r"Its diagonal entries are at most $1$, since a value in $[0,1]$ has $x_i(1-x_i)\ge0$, and $1$ for "
               r"binary values only:"),
    Step("binary", "Binary data", _S, likelihoods_formulas.binary_whitened, sp.ImmutableMatrix([[1, _r], [_r, 1]]), _DOMAINS,
         "new", ("x₁ and x₂ are 0 or 1, both 1 with chance p₁₂",), tuple(p < 1 for p in PROBABILITY),
         prose=r"For binary data $S$ is the correlation matrix, with "
               r"$\varrho=(p_{12}-p_1p_2)/\sqrt{p_1(1-p_1)p_2(1-p_2)}$:"),
    Step("pair", "Two binary components", sp.Symbol(r"\mathrm{eig}\,S"), likelihoods_formulas.binary_eigenvalues,
         (1 - _r, 1 + _r), _DOMAINS, "new", (), tuple(p < 1 for p in PROBABILITY),
         prose=r"A part of a symmetric matrix has no larger eigenvalue than the whole. So for binary data with any "
               r"two components correlated the threshold is above $1$: at $\beta=1$ full collapse is no minimum."),
    Step("loss-scale", "From a user's loss to the theory", beta,
         lambda: tuple(loss.effective_beta(error, kl, sp.S.One) for error in (False, True) for kl in (False, True)),
         (_W / _A, _W / (_M * _A), _W * _N / _A, _W * _N / (_M * _A)), _DOMAINS, "new",
         prose="For a loss $a_SS+w_KK$ of cross-entropy and KL the weight of the theory is, with (cross-entropy, KL) "
               "summed or averaged over their dimensions as (sum, sum), (sum, mean), (mean, sum), (mean, mean),"),
), _WHERE)

CHAPTER = Chapter(
    "likelihoods", "Other likelihoods",
    "All chapters so far have squared error. Where everything collapses can be told exactly for every likelihood of an "
    "exponential family, binary cross-entropy among them: the loss around full collapse is known to second order, "
    "whatever the networks.", STEPS)
