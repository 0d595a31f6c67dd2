"""The first principal component: for the engine; written by ``vaesym.problem.source``."""

import numpy
import scipy.special
from numpy import inf
from vaesym.engine.equations import Limits, Part
from vaesym.engine.quadratic.equations import Quadratic

def _energy(Q, m, chi, zeta, alpha, rho, eta):
    _0 = Q - 1
    _1 = _0*zeta
    _2 = chi*eta - 1
    _3 = _2**(-1.0)
    _4 = Q*eta + m**2*rho
    _5 = _4/_2**2
    return ((1/2)*_1 + (1/2)*_3*_4, (1/2)*_1 - 1/2*_5, alpha*(_3*eta + zeta), -_3*alpha*m*rho, _5*alpha*eta, (1/2)*_0,)


def _slope(Q, m, chi, zeta, alpha, rho, eta):
    _0 = eta**2
    _1 = chi*eta - 1
    _2 = alpha/_1**2
    _3 = _0*_2
    _4 = _2*eta*m*rho
    return ((0, 0, -_3, alpha,), (0, -alpha*rho/_1, _4, 0,), (_3, 2*_4, -2*_0*alpha*(Q*eta + m**2*rho)/_1**3, 0,), (1/2, 0, 0, 0,),)


def _matrix(Q, m, chi, zeta, alpha, rho, eta):
    return ((-1,),)


def _scalars(Q, m, chi, zeta, alpha, rho, eta):
    return (zeta,)


def _sample(Q, zeta, S_kk, alpha, rho, eta):
    return ((1/2)*(-S_kk + zeta*(Q - 1)), (1/2)*zeta,)


def _sample_matrix(Q, zeta, S_kk, alpha, rho, eta):
    return ((-1,),)


def _trained(Q, S_kk, alpha, rho, eta):
    return (numpy.nan,)


EQUATIONS = Quadratic(
    name='pca',
    title='The first principal component',
    parameters=(Limits('alpha', 'samples per dimension, P/N', 0.0, inf, True), Limits('rho', 'strength of the signal', 0.0, inf, True), Limits('eta', 'strength of the noise', 0.0, inf, True),),
    planted=((lambda alpha, rho, eta: 1, lambda alpha, rho, eta: 0, lambda alpha, rho, eta: 1),),
    students=('decoder',),
    state=('Q', 'm', 'chi'),
    free=('zeta',),
    kept=('zeta',),
    energy=_energy,
    slope=_slope,
    matrix=_matrix,
    scalars=_scalars,
    sample=_sample,
    sample_matrix=_sample_matrix,
    trained=_trained,
    penalties=((
    Part(None,
         lambda w, alpha, rho, eta: 0,
         lambda w, alpha, rho, eta: 0,
         lambda w, alpha, rho, eta: 0,
         True, False),
),),
    group=None,
    observables={'eigenvalue': lambda Q, m, chi, zeta, alpha, rho, eta: zeta, 'squared_overlap': lambda Q, m, chi, zeta, alpha, rho, eta: m**2},
    noise=lambda alpha, rho, eta: eta,
    signal=lambda alpha, rho, eta: rho,
)
