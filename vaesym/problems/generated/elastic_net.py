"""Elastic net: for the engine; written by ``vaesym.problem.source``."""

import numpy
import scipy.special
from numpy import inf
from vaesym.engine.equations import Equations, Limits, Part

EQUATIONS = Equations(
    name='elastic_net',
    title='Elastic net',
    parameters=(Limits('alpha', 'samples per dimension, P/N', 0.0, inf, True), Limits('lam_1', 'weight of the absolute values', 0.0, inf, False), Limits('lam_2', 'weight decay', 0.0, inf, True), Limits('noise', "variance of the label's noise", 0.0, inf, False), Limits('sparsity', "share of the teacher's weights that are not zero", 0.0, 1.0, True), Limits('amplitude', 'size of those weights', 0.0, inf, True),),
    planted=((lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: 1 - sparsity, lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: 0, lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: 0), (lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: (1/2)*sparsity, lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: 1/numpy.sqrt(sparsity), lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: 0), (lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: (1/2)*sparsity, lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: -1/numpy.sqrt(sparsity), lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: 0),),
    noise=lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: 1,
    signal=lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: 0,
    symmetric=False,
    step=False,
    target=lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: amplitude*numpy.sqrt(sparsity),
    kind='linear',
    label_signal=lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: amplitude**2*sparsity,
    label_noise=lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: noise,
    values=(0.0,),
    loss=((
    Part(None,
         lambda u, alpha, lam_1, lam_2, noise, sparsity, amplitude: (1/2)*u**2,
         lambda u, alpha, lam_1, lam_2, noise, sparsity, amplitude: u,
         lambda u, alpha, lam_1, lam_2, noise, sparsity, amplitude: 1,
         True, False),
),),
    observables={'risk': lambda Q, m, chi, alpha, lam_1, lam_2, noise, sparsity, amplitude: Q, 'generalization_error': lambda Q, m, chi, alpha, lam_1, lam_2, noise, sparsity, amplitude: Q + noise},
    penalty=(
    Part(None,
         lambda w, alpha, lam_1, lam_2, noise, sparsity, amplitude: -lam_1*w + (1/2)*lam_2*w**2,
         lambda w, alpha, lam_1, lam_2, noise, sparsity, amplitude: -lam_1 + lam_2*w,
         lambda w, alpha, lam_1, lam_2, noise, sparsity, amplitude: lam_2,
         True, False),
    Part(lambda alpha, lam_1, lam_2, noise, sparsity, amplitude: 0,
         lambda w, alpha, lam_1, lam_2, noise, sparsity, amplitude: lam_1*w + (1/2)*lam_2*w**2,
         lambda w, alpha, lam_1, lam_2, noise, sparsity, amplitude: lam_1 + lam_2*w,
         lambda w, alpha, lam_1, lam_2, noise, sparsity, amplitude: lam_2,
         True, False),
),
)
