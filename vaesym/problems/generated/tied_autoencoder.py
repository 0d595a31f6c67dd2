"""Linear autoencoder of one latent with tied weights: for the engine; written by ``vaesym.problem.source``."""

import numpy
import scipy.special
from numpy import inf
from vaesym.engine.equations import Limits, Part
from vaesym.engine.quadratic.equations import Quadratic

def _energy(Q, m, chi, alpha, lam, rho, eta):
    _0 = Q - 2
    _1 = _0*eta
    _2 = _1*chi
    _3 = _2 + 1
    _4 = _3**(-1.0)
    _5 = Q*eta + m**2*rho
    _6 = _4*_5
    _7 = (1/2)*_0
    _8 = _5/_3**2
    _9 = _4*alpha
    return (_6*_7, _7*_8, _9*(_1 - _2*_6 + _5), -_0*_9*m*rho, _0**2*_8*alpha*eta,)


def _slope(Q, m, chi, alpha, lam, rho, eta):
    _0 = Q - 2
    _1 = _0*eta
    _2 = _1*chi
    _3 = _2 + 1
    _4 = _3**(-1.0)
    _5 = _2*_4
    _6 = Q*eta
    _7 = m**2*rho
    _8 = _6 + _7
    _9 = _4*_8
    _10 = _3**(-2.0)
    _11 = _1*_10
    _12 = _4*alpha
    _13 = 2*eta
    _14 = _12*rho
    _15 = _14*m*(_5 - 1)
    _16 = _2*_9
    _17 = _11*alpha
    _18 = _0**2*_10*alpha*m*rho
    return ((_12*_13*(_11*_8*chi**2 - _5 - _9*chi + 1), -2*_15, -2*_17*((1/2)*_1 - _16 + _8),), (_15, -_0*_14, _18*eta,), (_17*(_1 - 2*_16 + 2*_6 + 2*_7), _13*_18, -2*_0**3*_8*alpha*eta**2/_3**3,),)


def _matrix(Q, m, chi, alpha, lam, rho, eta):
    return ((Q - 2,),)


def _scalars(Q, m, chi, alpha, lam, rho, eta):
    return ()


def _sample(Q, S_kk, alpha, lam, rho, eta):
    _0 = (1/2)*S_kk
    return (_0*(Q - 2), _0,)


def _sample_matrix(Q, S_kk, alpha, lam, rho, eta):
    return ((Q - 2,),)


def _trained(Q, S_kk, alpha, lam, rho, eta):
    return ()


EQUATIONS = Quadratic(
    name='tied_autoencoder',
    title='Linear autoencoder of one latent with tied weights',
    parameters=(Limits('alpha', 'samples per dimension, P/N', 0.0, inf, True), Limits('lam', 'weight decay', 0.0, inf, True), Limits('rho', 'strength of the signal', 0.0, inf, True), Limits('eta', 'strength of the noise', 0.0, inf, True),),
    planted=((lambda alpha, lam, rho, eta: 1, lambda alpha, lam, rho, eta: 0, lambda alpha, lam, rho, eta: 1),),
    students=('decoder',),
    state=('Q', 'm', 'chi'),
    free=(),
    kept=(),
    energy=_energy,
    slope=_slope,
    matrix=_matrix,
    scalars=_scalars,
    sample=_sample,
    sample_matrix=_sample_matrix,
    trained=_trained,
    penalties=((
    Part(None,
         lambda w, alpha, lam, rho, eta: (1/2)*lam*w**2,
         lambda w, alpha, lam, rho, eta: lam*w,
         lambda w, alpha, lam, rho, eta: lam,
         True, False),
),),
    group=None,
    observables={'distortion': lambda Q, m, chi, alpha, lam, rho, eta: eta + rho + (Q - 2)*(Q*eta + m**2*rho)},
    noise=lambda alpha, lam, rho, eta: eta,
    signal=lambda alpha, lam, rho, eta: rho,
)
