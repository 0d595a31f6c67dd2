"""Softmax regression of three clusters: for the engine; written by ``vaesym.problem.source``."""

import numpy
import scipy.special
from numpy import inf
from vaesym.engine.equations import Limits, Part
from vaesym.engine.labelled.equations import Branch, Labelled

def _joint(u, v, y_1, y_2, alpha, lam, separation):
    _0 = numpy.logaddexp(u, v)
    _1 = numpy.exp(-_0)
    _2 = (_1 + 1)**(-1.0)
    _3 = u - v
    _4 = numpy.exp(-_3)
    _5 = _4 + 1
    _6 = _5**(-1.0)
    _7 = numpy.exp(_3)
    _8 = _7 + 1
    _9 = _8**(-1.0)
    _10 = _1*_2
    return (-u*y_1 - v*y_2 + numpy.logaddexp(0, _0), _2*_6 - y_1, _2*_9 - y_2, _2*(_10 + _4)/_5**2, _2*_6*(_1*_2*_9 - _4*_6), _2*_9*(_1*_2*_6 - _7*_9), _2*(_10 + _7)/_8**2,)


EQUATIONS = Labelled(
    name='softmax',
    title='Softmax regression of three clusters',
    parameters=(Limits('alpha', 'samples per dimension, P/N', 0.0, inf, True), Limits('lam', 'weight decay', 0.0, inf, True), Limits('separation', 'squared distance of a centre from the origin, over the noise', 0.0, inf, True),),
    planted=((lambda alpha, lam, separation: 1, lambda alpha, lam, separation: 0, lambda alpha, lam, separation: 1),),
    students=('first', 'second'),
    state=('Q', 'R', 'E', 'm_1', 'm_2', 'd_1', 'd_2', 'chi_uu', 'chi_uv', 'chi_vv'),
    free=(),
    bias=(),
    directions=2,
    knows_teacher=False,
    positive=False,
    normals=0,
    labels=2,
    branches=(
    Branch(lambda t_1, t_2, alpha, lam, separation: 1/3,
           (lambda alpha, lam, separation: 1, lambda alpha, lam, separation: 0,),
           (lambda t_1, t_2, alpha, lam, separation: 1, lambda t_1, t_2, alpha, lam, separation: 0,), 0, -1),
    Branch(lambda t_1, t_2, alpha, lam, separation: 1/3,
           (lambda alpha, lam, separation: -1/2, lambda alpha, lam, separation: (1/2)*numpy.sqrt(3),),
           (lambda t_1, t_2, alpha, lam, separation: 0, lambda t_1, t_2, alpha, lam, separation: 1,), 0, -1),
    Branch(lambda t_1, t_2, alpha, lam, separation: 1/3,
           (lambda alpha, lam, separation: -1/2, lambda alpha, lam, separation: -1/2*numpy.sqrt(3),),
           (lambda t_1, t_2, alpha, lam, separation: 0, lambda t_1, t_2, alpha, lam, separation: 0,), 0, -1),
),
    cuts=(),
    residual=None,
    losses=(),
    joint=_joint,
    penalty=(),
    decays=(lambda alpha, lam, separation: lam, lambda alpha, lam, separation: lam,),
    observables={},
    noise=lambda alpha, lam, separation: 1,
    signal=lambda alpha, lam, separation: separation,
)
