"""Logistic regression: for the engine; written by ``vaesym.problem.source``."""

import numpy
import scipy.special
from numpy import inf
from vaesym.engine.equations import Equations, Limits, Part

EQUATIONS = Equations(
    name='logistic',
    title='Logistic regression',
    parameters=(Limits('alpha', 'samples per dimension, P/N', 0.0, inf, True), Limits('signal', "variance of the teacher's logit", 0.0, inf, False), Limits('lam', 'weight decay; 0 where the data are not separable', 0.0, inf, False),),
    planted=((lambda alpha, signal, lam: 1, lambda alpha, signal, lam: 0, lambda alpha, signal, lam: 1),),
    noise=lambda alpha, signal, lam: 1,
    signal=lambda alpha, signal, lam: 0,
    symmetric=True,
    step=False,
    target=lambda alpha, signal, lam: 0,
    values=(1.0, -1.0),
    loss=((
    Part(None,
         lambda u, alpha, signal, lam: numpy.logaddexp(0, -u),
         lambda u, alpha, signal, lam: -1/(numpy.exp(u) + 1),
         lambda u, alpha, signal, lam: (1/4)/numpy.cosh((1/2)*u)**2,
         False, False),
), (
    Part(None,
         lambda u, alpha, signal, lam: numpy.logaddexp(0, u),
         lambda u, alpha, signal, lam: (1 + numpy.exp(-u))**(-1.0),
         lambda u, alpha, signal, lam: (1/4)/numpy.cosh((1/2)*u)**2,
         False, False),
)),
    kind='sign',
    probability=lambda t, alpha, signal, lam: (1 + numpy.exp(-numpy.sqrt(signal)*t))**(-1.0),
    step_values=(lambda alpha, signal, lam: (1 + numpy.exp(-numpy.sqrt(signal)))**(-1.0), lambda alpha, signal, lam: (numpy.exp(numpy.sqrt(signal)) + 1)**(-1.0)),
    observables={},
    penalty=(
    Part(None,
         lambda w, alpha, signal, lam: (1/2)*lam*w**2,
         lambda w, alpha, signal, lam: lam*w,
         lambda w, alpha, signal, lam: lam,
         True, False),
),
)
