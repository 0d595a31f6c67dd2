"""Problems to simulate: those shipped, and variants that use what those do not, each with a wrong one beside it."""

from dataclasses import replace
from typing import Any, NamedTuple

import sympy as sp

from vaesym.problem import (
    ClusterLabel,
    Data,
    LinearLabel,
    Problem,
    RandomLabel,
    binary,
    field,
    label,
    point_masses,
    random_signs,
    teacher,
    weight,
)
from vaesym.problems import (
    elastic_net,
    gaussian_mixture,
    gaussian_mixture_bias,
    hinge,
    l1_vae,
    lasso,
    linear_autoencoder,
    linear_vae,
    logistic,
    multi_output_ridge,
    pca,
    poisson_regression,
    ridge,
    softmax,
    sparse_vae,
    tied_autoencoder,
)
from vaesym.problems import gaussian_mixture_classification as mixture
from vaesym.problems.hinge_classification import of_teacher

lam = sp.Symbol("lam", positive=True)
signal, noise, separation, share = sp.symbols("signal noise separation share", positive=True)


class Case(NamedTuple):
    """A problem, the α at which it is simulated, its other parameters, and a wrong statement of it.

    Without a wrong statement, the weights of the penalty are taken twice: the problem with twice the penalty.
    """

    problem: Problem
    alphas: tuple[float, ...]
    given: dict[str, Any]
    wrong: Problem | None


def _case(problem: Problem, alphas: tuple[float, ...], wrong: Problem | None = None, **given: float) -> Case:
    return Case(problem, alphas, given, wrong)


_MIXTURE = {"lam": 0.3, "separation": 1.0, "share": 0.3}
_SPARSE = {"noise": 0.1, "sparsity": 0.2, "amplitude": 1.0}

#: The first two α are those of the quick tests.
SHIPPED = {
    "ridge": _case(ridge, (0.5, 2.0, 1.0, 3.0, 5.0), lam=0.3, signal=1.0, noise=0.25),
    "lasso": _case(lasso, (0.5, 2.0, 0.75, 1.0, 3.0), lam=0.3, **_SPARSE),
    "elastic_net": _case(elastic_net, (0.5, 2.0, 0.75, 1.0, 3.0), lam_1=0.3, lam_2=0.2, **_SPARSE),
    "logistic": _case(logistic, (1.0, 4.0, 0.5, 2.0, 3.0), lam=0.3, signal=2.0),
    "hinge": _case(hinge, (0.5, 2.0, 0.75, 1.0, 3.0), lam=0.3, margin=1.0),
    "hinge_of_teacher": _case(of_teacher, (0.5, 2.0, 0.75, 1.0, 3.0), lam=0.3, margin=1.0),
    "mixture": _case(gaussian_mixture, (1.0, 3.0, 0.5, 2.0, 4.0), **_MIXTURE),
    "mixture_square": _case(gaussian_mixture.but(loss=mixture.square), (1.0, 3.0, 0.5, 2.0, 4.0),
                            gaussian_mixture.but(loss=2 * mixture.square), **_MIXTURE),
    "mixture_hinge": _case(gaussian_mixture.but(loss=mixture.hinge), (1.0, 2.0, 0.5, 1.5, 3.0),
                           gaussian_mixture.but(loss=2 * mixture.hinge), **_MIXTURE),
}

#: Those without labels; the wrong statement of components, which have no penalty, is of a signal twice as strong.
_SPIKED = {"rho": 1.5, "eta": 1.0}
UNLABELLED = {
    "linear_vae": _case(linear_vae, (2.0, 3.0, 4.0, 6.0, 8.0), beta=0.5, lam=0.5, **_SPIKED),
    "linear_autoencoder": _case(linear_autoencoder, (2.0, 3.0, 4.0, 6.0, 8.0), lam=0.3, **_SPIKED),
    "tied_autoencoder": _case(tied_autoencoder, (2.0, 3.0, 4.0, 6.0, 8.0), lam=0.3, **_SPIKED),
    "pca": _case(pca, (2.0, 3.0, 4.0, 6.0, 8.0), pca.but(data=replace(pca.data, signal=2 * pca.data.signal)),
                 **_SPIKED),
    "l1_vae": _case(l1_vae, (3.0, 4.0, 5.0, 6.0, 8.0), beta=0.8, lam_decoder=0.4, lam_encoder=0.3, **_SPIKED),
    "sparse_vae": _case(sparse_vae, (3.0, 4.0, 5.0, 6.0, 8.0), beta=0.8, lam_decoder=0.4, lam_encoder=0.3, share=0.3,
                        **_SPIKED),
}

#: Those with several students, an intercept, or labels of another law.
LABELLED = {
    "softmax": _case(softmax, (1.0, 3.0, 0.5, 2.0, 5.0), lam=0.3, separation=1.5),
    "multi_output_ridge": _case(multi_output_ridge, (1.0, 3.0, 0.5, 2.0, 5.0), lam=0.3, signal=1.2, noise=0.4),
    "poisson_regression": _case(poisson_regression, (1.0, 3.0, 0.5, 2.0, 5.0), lam=0.5, signal=0.3, rate=1.5),
    "gaussian_mixture_bias": _case(gaussian_mixture_bias, (1.0, 3.0, 0.5, 2.0, 5.0), **(_MIXTURE | {"lam": 0.4})),
}

_huber = sp.sqrt(1 + (label - field) ** 2) - 1
_no_negative = sp.Piecewise((sp.oo, weight < 0), (lam * weight, True))
_probit = (1 + sp.erf(2 * teacher + sp.Rational(1, 2))) / 2

VARIANTS = {
    "loud_ridge": _case(ridge.but(data=Data(LinearLabel(signal, noise), random_signs(), noise=2)), (0.5, 2.0),
                        ridge, lam=0.3, signal=1.0, noise=0.25),
    "quiet_clusters": _case(gaussian_mixture.but(data=Data(ClusterLabel(share), noise=sp.Rational(1, 2),
                                                           signal=separation)), (1.0, 3.0),
                            gaussian_mixture, **_MIXTURE),
    "lopsided_probit": _case(logistic.but(data=Data(binary(_probit), noise=2)), (1.0, 3.0), logistic,
                             lam=0.3, signal=1.0),
    "lopsided_random": _case(hinge.but(data=Data(RandomLabel(sp.Rational(1, 5)))), (0.5, 2.0), lam=0.3, margin=1.0),
    "pseudo_huber_no_negative": _case(
        ridge.but(loss=_huber, penalty=_no_negative,
                  data=Data(LinearLabel(signal, noise), point_masses((sp.Rational(3, 4), 0), (sp.Rational(1, 4), 2)))),
        (0.5, 2.0), lam=0.2, signal=1.0, noise=0.25),
}
