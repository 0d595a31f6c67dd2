"""Hinge loss on random labels: for the engine; written by ``vaesym.problem.source``."""

import numpy
import scipy.special
from numpy import inf
from vaesym.engine.equations import Equations, Limits, Part

EQUATIONS = Equations(
    name='hinge',
    title='Hinge loss on random labels',
    parameters=(Limits('alpha', 'samples per dimension, P/N', 0.0, inf, True), Limits('margin', 'margin of the hinge', 0.0, inf, True), Limits('lam', 'weight decay', 0.0, inf, True),),
    planted=((lambda alpha, margin, lam: 1, lambda alpha, margin, lam: 0, lambda alpha, margin, lam: 1),),
    noise=lambda alpha, margin, lam: 1,
    signal=lambda alpha, margin, lam: 0,
    symmetric=True,
    step=False,
    target=lambda alpha, margin, lam: 0,
    values=(1.0, -1.0),
    loss=((
    Part(None,
         lambda u, alpha, margin, lam: margin - u,
         lambda u, alpha, margin, lam: -1,
         lambda u, alpha, margin, lam: 0,
         True, False),
    Part(lambda alpha, margin, lam: margin,
         lambda u, alpha, margin, lam: 0,
         lambda u, alpha, margin, lam: 0,
         lambda u, alpha, margin, lam: 0,
         True, False),
), (
    Part(None,
         lambda u, alpha, margin, lam: 0,
         lambda u, alpha, margin, lam: 0,
         lambda u, alpha, margin, lam: 0,
         True, False),
    Part(lambda alpha, margin, lam: -margin,
         lambda u, alpha, margin, lam: margin + u,
         lambda u, alpha, margin, lam: 1,
         lambda u, alpha, margin, lam: 0,
         True, False),
)),
    kind='random',
    share=lambda alpha, margin, lam: 1/2,
    observables={},
    penalty=(
    Part(None,
         lambda w, alpha, margin, lam: (1/2)*lam*w**2,
         lambda w, alpha, margin, lam: lam*w,
         lambda w, alpha, margin, lam: lam,
         True, False),
),
)
