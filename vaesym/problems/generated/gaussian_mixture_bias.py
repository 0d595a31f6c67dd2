"""Two Gaussian clusters, with an intercept: for the engine; written by ``vaesym.problem.source``."""

import numpy
import scipy.special
from numpy import inf
from vaesym.engine.equations import Limits, Part
from vaesym.engine.labelled.equations import Branch, Labelled

EQUATIONS = Labelled(
    name='gaussian_mixture_bias',
    title='Two Gaussian clusters, with an intercept',
    parameters=(Limits('alpha', 'samples per dimension, P/N', 0.0, inf, True), Limits('lam', 'weight decay', 0.0, inf, True), Limits('separation', 'squared distance of a cluster from the origin, over the variance of the noise', 0.0, inf, True), Limits('share', 'share of the first cluster', 0.0, 1.0, True),),
    planted=((lambda alpha, lam, separation, share: 1, lambda alpha, lam, separation, share: 0, lambda alpha, lam, separation, share: 1),),
    students=('student',),
    state=('Q', 'm', 'chi'),
    free=('bias',),
    bias=(0,),
    directions=1,
    knows_teacher=False,
    positive=False,
    normals=0,
    labels=1,
    branches=(
    Branch(lambda t, alpha, lam, separation, share: share,
           (lambda alpha, lam, separation, share: 1,),
           (lambda t, alpha, lam, separation, share: 1,), 0, -1),
    Branch(lambda t, alpha, lam, separation, share: 1 - share,
           (lambda alpha, lam, separation, share: -1,),
           (lambda t, alpha, lam, separation, share: -1,), 1, -1),
),
    cuts=(),
    residual=None,
    losses=((
    Part(None,
         lambda u, y, alpha, lam, separation, share: numpy.logaddexp(0, -u),
         lambda u, y, alpha, lam, separation, share: -1/(numpy.exp(u) + 1),
         lambda u, y, alpha, lam, separation, share: (1/4)/numpy.cosh((1/2)*u)**2,
         False, False),
), (
    Part(None,
         lambda u, y, alpha, lam, separation, share: numpy.logaddexp(0, u),
         lambda u, y, alpha, lam, separation, share: (1 + numpy.exp(-u))**(-1.0),
         lambda u, y, alpha, lam, separation, share: (1/4)/numpy.cosh((1/2)*u)**2,
         False, False),
),),
    joint=None,
    penalty=(
    Part(None,
         lambda w, alpha, lam, separation, share: (1/2)*lam*w**2,
         lambda w, alpha, lam, separation, share: lam*w,
         lambda w, alpha, lam, separation, share: lam,
         True, False),
),
    decays=(),
    observables={},
    noise=lambda alpha, lam, separation, share: 1,
    signal=lambda alpha, lam, separation, share: separation,
)
