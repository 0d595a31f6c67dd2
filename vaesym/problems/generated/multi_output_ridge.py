"""Ridge regression of two outputs: for the engine; written by ``vaesym.problem.source``."""

import numpy
import scipy.special
from numpy import inf
from vaesym.engine.equations import Limits, Part
from vaesym.engine.labelled.equations import Branch, Labelled

def _joint(u, v, alpha, lam, signal, noise):
    return ((1/2)*(u**2 + v**2), u, v, 1, 0, 0, 1,)


EQUATIONS = Labelled(
    name='multi_output_ridge',
    title='Ridge regression of two outputs',
    parameters=(Limits('alpha', 'samples per dimension, P/N', 0.0, inf, True), Limits('lam', 'weight decay', 0.0, inf, True), Limits('signal', "variance of each teacher's field", 0.0, inf, False), Limits('noise', 'variance of the noise of each label', 0.0, inf, False),),
    planted=((lambda alpha, lam, signal, noise: 1, lambda alpha, lam, signal, noise: 0, lambda alpha, lam, signal, noise: 1),),
    students=('first', 'second'),
    state=('Q', 'R', 'E', 'm_1', 'm_2', 'd_1', 'd_2', 'chi_uu', 'chi_uv', 'chi_vv'),
    free=(),
    bias=(),
    directions=2,
    knows_teacher=False,
    positive=False,
    normals=0,
    labels=0,
    branches=(
    Branch(lambda t_1, t_2, alpha, lam, signal, noise: 1,
           (lambda alpha, lam, signal, noise: 0, lambda alpha, lam, signal, noise: 0,),
           (), 0, -1),
),
    cuts=(),
    residual=((((lambda alpha, lam, signal, noise: 0,), (lambda alpha, lam, signal, noise: 0,),), ((lambda alpha, lam, signal, noise: numpy.sqrt(signal), lambda alpha, lam, signal, noise: 0,), (lambda alpha, lam, signal, noise: (1/2)*numpy.sqrt(2)*numpy.sqrt(signal), lambda alpha, lam, signal, noise: (1/2)*numpy.sqrt(2)*numpy.sqrt(signal),),), ((lambda alpha, lam, signal, noise: noise, lambda alpha, lam, signal, noise: 0,), (lambda alpha, lam, signal, noise: 0, lambda alpha, lam, signal, noise: noise,),),),),
    losses=(),
    joint=_joint,
    penalty=(),
    decays=(lambda alpha, lam, signal, noise: lam, lambda alpha, lam, signal, noise: lam,),
    observables={},
    noise=lambda alpha, lam, signal, noise: 1,
    signal=lambda alpha, lam, signal, noise: 0,
)
