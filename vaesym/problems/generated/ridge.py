"""Ridge regression: for the engine; written by ``vaesym.problem.source``."""

import numpy
import scipy.special
from numpy import inf
from vaesym.engine.equations import Equations, Limits, Part

EQUATIONS = Equations(
    name='ridge',
    title='Ridge regression',
    parameters=(Limits('alpha', 'samples per dimension, P/N', 0.0, inf, True), Limits('lam', 'weight decay', 0.0, inf, True), Limits('signal', "variance of the teacher's field", 0.0, inf, False), Limits('noise', "variance of the label's noise", 0.0, inf, False),),
    planted=((lambda alpha, lam, signal, noise: 1, lambda alpha, lam, signal, noise: 0, lambda alpha, lam, signal, noise: 1),),
    noise=lambda alpha, lam, signal, noise: 1,
    signal=lambda alpha, lam, signal, noise: 0,
    symmetric=False,
    step=False,
    target=lambda alpha, lam, signal, noise: numpy.sqrt(signal),
    kind='linear',
    label_signal=lambda alpha, lam, signal, noise: signal,
    label_noise=lambda alpha, lam, signal, noise: noise,
    values=(0.0,),
    loss=((
    Part(None,
         lambda u, alpha, lam, signal, noise: (1/2)*u**2,
         lambda u, alpha, lam, signal, noise: u,
         lambda u, alpha, lam, signal, noise: 1,
         True, False),
),),
    observables={'risk': lambda Q, m, chi, alpha, lam, signal, noise: Q, 'generalization_error': lambda Q, m, chi, alpha, lam, signal, noise: Q + noise},
    penalty=(
    Part(None,
         lambda w, alpha, lam, signal, noise: (1/2)*lam*w**2,
         lambda w, alpha, lam, signal, noise: lam*w,
         lambda w, alpha, lam, signal, noise: lam,
         True, False),
),
)
