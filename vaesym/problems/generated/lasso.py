"""LASSO: for the engine; written by ``vaesym.problem.source``."""

import numpy
import scipy.special
from numpy import inf
from vaesym.engine.equations import Equations, Limits, Part

EQUATIONS = Equations(
    name='lasso',
    title='LASSO',
    parameters=(Limits('alpha', 'samples per dimension, P/N', 0.0, inf, True), Limits('lam', 'weight of the absolute values', 0.0, inf, True), Limits('noise', "variance of the label's noise", 0.0, inf, False), Limits('sparsity', "share of the teacher's weights that are not zero", 0.0, 1.0, True), Limits('amplitude', 'size of those weights', 0.0, inf, True),),
    planted=((lambda alpha, lam, noise, sparsity, amplitude: 1 - sparsity, lambda alpha, lam, noise, sparsity, amplitude: 0, lambda alpha, lam, noise, sparsity, amplitude: 0), (lambda alpha, lam, noise, sparsity, amplitude: (1/2)*sparsity, lambda alpha, lam, noise, sparsity, amplitude: 1/numpy.sqrt(sparsity), lambda alpha, lam, noise, sparsity, amplitude: 0), (lambda alpha, lam, noise, sparsity, amplitude: (1/2)*sparsity, lambda alpha, lam, noise, sparsity, amplitude: -1/numpy.sqrt(sparsity), lambda alpha, lam, noise, sparsity, amplitude: 0),),
    noise=lambda alpha, lam, noise, sparsity, amplitude: 1,
    signal=lambda alpha, lam, noise, sparsity, amplitude: 0,
    symmetric=False,
    step=False,
    target=lambda alpha, lam, noise, sparsity, amplitude: amplitude*numpy.sqrt(sparsity),
    kind='linear',
    label_signal=lambda alpha, lam, noise, sparsity, amplitude: amplitude**2*sparsity,
    label_noise=lambda alpha, lam, noise, sparsity, amplitude: noise,
    values=(0.0,),
    loss=((
    Part(None,
         lambda u, alpha, lam, noise, sparsity, amplitude: (1/2)*u**2,
         lambda u, alpha, lam, noise, sparsity, amplitude: u,
         lambda u, alpha, lam, noise, sparsity, amplitude: 1,
         True, False),
),),
    observables={'risk': lambda Q, m, chi, alpha, lam, noise, sparsity, amplitude: Q, 'generalization_error': lambda Q, m, chi, alpha, lam, noise, sparsity, amplitude: Q + noise},
    penalty=(
    Part(None,
         lambda w, alpha, lam, noise, sparsity, amplitude: -lam*w,
         lambda w, alpha, lam, noise, sparsity, amplitude: -lam,
         lambda w, alpha, lam, noise, sparsity, amplitude: 0,
         True, False),
    Part(lambda alpha, lam, noise, sparsity, amplitude: 0,
         lambda w, alpha, lam, noise, sparsity, amplitude: lam*w,
         lambda w, alpha, lam, noise, sparsity, amplitude: lam,
         lambda w, alpha, lam, noise, sparsity, amplitude: 0,
         True, False),
),
)
