"""Two Gaussian clusters: for the engine; written by ``vaesym.problem.source``."""

import numpy
import scipy.special
from numpy import inf
from vaesym.engine.equations import Equations, Limits, Part

EQUATIONS = Equations(
    name='gaussian_mixture',
    title='Two Gaussian clusters',
    parameters=(Limits('alpha', 'samples per dimension, P/N', 0.0, inf, True), Limits('lam', 'weight decay', 0.0, inf, True), Limits('separation', 'squared distance of a cluster from the origin, over the variance of the noise', 0.0, inf, True), Limits('share', 'share of the first cluster', 0.0, 1.0, True),),
    planted=((lambda alpha, lam, separation, share: 1, lambda alpha, lam, separation, share: 0, lambda alpha, lam, separation, share: 1),),
    noise=lambda alpha, lam, separation, share: 1,
    signal=lambda alpha, lam, separation, share: separation,
    symmetric=False,
    step=False,
    target=lambda alpha, lam, separation, share: 0,
    values=(1.0, -1.0),
    loss=((
    Part(None,
         lambda u, alpha, lam, separation, share: numpy.logaddexp(0, -u),
         lambda u, alpha, lam, separation, share: -1/(numpy.exp(u) + 1),
         lambda u, alpha, lam, separation, share: (1/4)/numpy.cosh((1/2)*u)**2,
         False, False),
), (
    Part(None,
         lambda u, alpha, lam, separation, share: numpy.logaddexp(0, u),
         lambda u, alpha, lam, separation, share: (1 + numpy.exp(-u))**(-1.0),
         lambda u, alpha, lam, separation, share: (1/4)/numpy.cosh((1/2)*u)**2,
         False, False),
)),
    kind='cluster',
    share=lambda alpha, lam, separation, share: share,
    observables={},
    penalty=(
    Part(None,
         lambda w, alpha, lam, separation, share: (1/2)*lam*w**2,
         lambda w, alpha, lam, separation, share: lam*w,
         lambda w, alpha, lam, separation, share: lam,
         True, False),
),
)
