"""Poisson regression: for the engine; written by ``vaesym.problem.source``."""

import numpy
import scipy.special
from numpy import inf
from vaesym.engine.equations import Limits, Part
from vaesym.engine.labelled.equations import Branch, Labelled

EQUATIONS = Labelled(
    name='poisson_regression',
    title='Poisson regression',
    parameters=(Limits('alpha', 'samples per dimension, P/N', 0.0, inf, True), Limits('lam', 'weight decay', 0.0, inf, True), Limits('signal', 'variance of the logarithm of the rate', 0.0, 1.0, False), Limits('rate', "rate of a sample whose teacher's field is 0", 0.0, 3.0, True),),
    planted=((lambda alpha, lam, signal, rate: 1, lambda alpha, lam, signal, rate: 0, lambda alpha, lam, signal, rate: 1),),
    students=('student',),
    state=('Q', 'm', 'chi'),
    free=('bias',),
    bias=(0,),
    directions=1,
    knows_teacher=True,
    positive=True,
    normals=0,
    labels=1,
    branches=(
    Branch(lambda y, t, alpha, lam, signal, rate: numpy.exp(-rate*numpy.exp(numpy.sqrt(signal)*t) + y*numpy.log(rate*numpy.exp(numpy.sqrt(signal)*t)) - scipy.special.gammaln(y + 1)),
           (lambda alpha, lam, signal, rate: 0,),
           (), 0, inf),
),
    cuts=(),
    residual=None,
    losses=((
    Part(None,
         lambda u, y, alpha, lam, signal, rate: -u*y + numpy.exp(u),
         lambda u, y, alpha, lam, signal, rate: -y + numpy.exp(u),
         lambda u, y, alpha, lam, signal, rate: numpy.exp(u),
         False, False),
),),
    joint=None,
    penalty=(
    Part(None,
         lambda w, alpha, lam, signal, rate: (1/2)*lam*w**2,
         lambda w, alpha, lam, signal, rate: lam*w,
         lambda w, alpha, lam, signal, rate: lam,
         True, False),
),
    decays=(),
    observables={},
    noise=lambda alpha, lam, signal, rate: 1,
    signal=lambda alpha, lam, signal, rate: 0,
)
