"""Linear autoencoder of one latent: for the engine; written by ``vaesym.problem.source``."""

import numpy
import scipy.special
from numpy import inf
from vaesym.engine.equations import Limits, Part
from vaesym.engine.quadratic.equations import Quadratic

def _energy(Q, R, E, m, d, chi_kk, chi_kh, chi_hh, alpha, lam, rho, eta):
    _0 = chi_kh*eta
    _1 = -2*_0
    _2 = eta**2
    _3 = _2*chi_hh
    _4 = Q*eta
    _5 = _4*chi_hh
    _6 = _5 + 1
    _7 = _1 + _2*chi_kh**2 - _3*chi_kk + _6
    _8 = _7**(-1.0)
    _9 = _4 + m**2*rho
    _10 = chi_hh*eta
    _11 = _10*_9
    _12 = _0 - 1
    _13 = R*eta
    _14 = d*m*rho
    _15 = _13 + _14
    _16 = _12*_15
    _17 = 2*_16
    _18 = E*eta + d**2*rho
    _19 = Q*_12
    _20 = Q*chi_kh - chi_kk
    _21 = _19 - _20*eta
    _22 = -_21
    _23 = -_20
    _24 = _23*_3
    _25 = -_12
    _26 = _12*(-_0 + _6)
    _27 = _10*_8
    _28 = -_17*_27 + _2*_8*_9*chi_hh**2
    _29 = _8*alpha
    _30 = _29*eta
    _31 = _29*rho
    _32 = _15*_8
    _33 = _12*_8
    _34 = _18*_21
    _35 = 2*_8
    _36 = Q - chi_kk*eta
    _37 = _36*_8
    return ((1/2)*_8*(-_11 + _17 + _18*_22), (1/2)*(_11*(-_1 - _5 - 2) + _15*(_10*_22 + _26) - _15*(-_12*_25 + _24) - _18*_25*(-Q*_25 + 2*_23*eta))/_7**2, -_29*(-_18*(_19*_27 - _20*_3*_8 + 1) + _2*chi_hh - _28), _12*_30, -_21*_30, _31*(_10*m - _12*d), -_31*(_12*m - _21*d), _30*(_18*(_24*_8 - _25*_5*_8 + 1) + _28), -_30*(_11*_33 - _12**2*_32 + (1/2)*_13 + (1/2)*_14 + (1/2)*_15*(-_10*_19*_35 + _26*_35 + 1) + _33*_34), _30*(-_11*_37 + _16*_37 - _25*_32*_36 - _34*_37 + _9),)


def _slope(Q, R, E, m, d, chi_kk, chi_kh, chi_hh, alpha, lam, rho, eta):
    _0 = eta**2
    _1 = E*eta + d**2*rho
    _2 = Q*eta
    _3 = _2*chi_hh
    _4 = chi_kh*eta
    _5 = _4 - 1
    _6 = 2*_4
    _7 = _0*chi_hh
    _8 = _0*chi_kh**2 + _3 - _6 - _7*chi_kk + 1
    _9 = _8**(-1.0)
    _10 = _5*_9
    _11 = _10*_3
    _12 = Q*chi_kh - chi_kk
    _13 = _7*_9
    _14 = _11 - _12*_13 + 1
    _15 = _0*_9
    _16 = _2 + m**2*rho
    _17 = chi_hh**2
    _18 = _16*_17
    _19 = _15*_18
    _20 = R*eta + d*m*rho
    _21 = _20*_5
    _22 = chi_hh*eta
    _23 = _22*_9
    _24 = _19 - 2*_21*_23
    _25 = _1*_14 + _24
    _26 = _8**(-2.0)
    _27 = _26*alpha
    _28 = 2*_27
    _29 = _5*_7
    _30 = _27*_29
    _31 = _14*alpha
    _32 = _9*eta
    _33 = _31*_32
    _34 = 2*_22
    _35 = _22*m
    _36 = _35 - _5*d
    _37 = alpha*rho
    _38 = -_36*_37
    _39 = _5*m
    _40 = _23*_39
    _41 = -_14*d + _40
    _42 = _37*_9
    _43 = _41*_42
    _44 = _28*_7*((1/2)*_0*chi_hh - _25)
    _45 = -_5
    _46 = 4*_45
    _47 = _3*_9
    _48 = 1 - _4
    _49 = _3 + _48
    _50 = _49*_9
    _51 = (1/2)*eta
    _52 = _20*_51*chi_hh
    _53 = 2*_11
    _54 = _5**2
    _55 = _54*_9
    _56 = _20*_55
    _57 = _16*_5
    _58 = _15*_17
    _59 = 2*_58
    _60 = -_1*_5*(2*_0*_12*_9*chi_hh - _53 - 1) - _34*_56 + _52 + _57*_59
    _61 = _27*eta*(-_29 + _52*(_46*_47 - _46*_50 + 1) + _60)
    _62 = Q - chi_kk*eta
    _63 = _62*_9
    _64 = _16*_22
    _65 = (1/2)*_20
    _66 = _5*_65
    _67 = _26*_62
    _68 = _5*_62
    _69 = _20*_68
    _70 = _22*_26
    _71 = -_62
    _72 = Q*_5
    _73 = _12*eta
    _74 = 2*_9
    _75 = _68*_74
    _76 = 2*_32
    _77 = _76*alpha*(_0*_18*_67 - 1/2*_1*_9*(2*_0*_12*_62*_9*chi_hh - _3*_75 - _4*_62 + _5*_62 + _72 - _73) + _51 - 1/2*_63*_7 - _64*_9 + _65*_9*(Q*_59*_71 - _34*_50*_71 + _5) + _66*_9 - _69*_70)
    _78 = _27*chi_hh*eta**3
    _79 = _5*_78
    _80 = _15*alpha*(-_11 + _49*_5*_9 - _55 + 1)
    _81 = _0*_27
    _82 = _62*_81*(_6 - 2)
    _83 = _15*_31
    _84 = _72 - _73
    _85 = _81*_84
    _86 = _5*_85
    _87 = _62*_85
    _88 = -_10*_37
    _89 = _26*_36*_37*_7
    _90 = (1/2)*d
    _91 = _5*_50
    _92 = -_53 + 2*_91 + 1
    _93 = _32*_37
    _94 = _93*(-2*_40 + _54*_9*d - _90*_92 - _90)
    _95 = -_35*_63 - _45*_63*_90 + (1/2)*_5*_62*_9*d + m
    _96 = (1/2)*m
    _97 = -_93*(_5*_74*_84*d - _55*m + _92*_96 + _96)
    _98 = _37*_67*eta*(-_39 + _84*d)
    _99 = _37*_76
    _100 = -_12
    _101 = -4*_11 + 4*_91 + 1
    _102 = _81*(_101*_52 + _60)
    _103 = -_64
    _104 = 2*_62
    _105 = Q*_45
    _106 = _100*eta
    _107 = 2*_81
    _108 = _107*((1/2)*_1*(2*_0*_100*_71*_9*chi_hh - _105 + _106 - _3*_45*_71*_74 - _62) - _103 - _19*_62 + _20*_5*_62*_9*chi_hh*eta - _65*(-Q*_104*_58 - _48 + 2*_49*_62*_9*chi_hh*eta) - _66)
    _109 = 4*_9
    _110 = 4*_55
    _111 = -_1*_84
    _112 = _81*(_101*_62*_65 - _104*_56 - _111*_75 + 2*_16*_5*_62*_9*chi_hh*eta + (1/2)*_20*_62 - _57)
    return ((_22*_28*(_0*chi_hh - _25), -2*_30, _33, -_26*_34*_38, -2*_43, -_44, -2*_61, -_77,), (-_30, 0, 0, 0, 0, _79, _80, -1/2*_82,), (_33, 0, 0, 0, 0, -_83, 2*_86, _87,), (_38*_70, 0, 0, _22*_42, _88, _89, _94, _93*_95,), (_43, 0, 0, _88, _42*_84, -_41*_93, _97, -_98,), (_44, -2*_79, _83, 2*_89, -_41*_99, 2*_78*(_1*(_100*_13 - _45*_47 + 1) + _24), -2*_102, _108,), (_61, -_80, -_86, _94, _97, -_102, _81*(_1*(-Q*_109*_45**3 + 4*_100*_45**2*_9*eta + _105 - _106) + _103 - _109*_20*_5**3 + _110*_64 - _20*(_110*_3 - _110*_49 - 3*_4 + 3) + 3*_21), _112,), (_77, _82, -_87, _95*_99, -2*_98, _108, 2*_112, _107*_62*(-_111*_63 + _16*_62*_9*chi_hh*eta - _16 - _69*_74),),)


def _matrix(Q, R, E, m, d, chi_kk, chi_kh, chi_hh, alpha, lam, rho, eta):
    return ((0, -1,), (-1, Q,),)


def _scalars(Q, R, E, m, d, chi_kk, chi_kh, chi_hh, alpha, lam, rho, eta):
    return ()


def _sample(Q, R, E, S_kk, S_kh, S_hh, alpha, lam, rho, eta):
    _0 = (1/2)*S_hh
    return (Q*_0 - S_kh, _0, 0, 0,)


def _sample_matrix(Q, R, E, S_kk, S_kh, S_hh, alpha, lam, rho, eta):
    return ((0, -1,), (-1, Q,),)


def _trained(Q, R, E, S_kk, S_kh, S_hh, alpha, lam, rho, eta):
    return ()


EQUATIONS = Quadratic(
    name='linear_autoencoder',
    title='Linear autoencoder of one latent',
    parameters=(Limits('alpha', 'samples per dimension, P/N', 0.0, inf, True), Limits('lam', 'weight decay of decoder and encoder', 0.0, inf, True), Limits('rho', 'strength of the signal', 0.0, inf, True), Limits('eta', 'strength of the noise', 0.0, inf, True),),
    planted=((lambda alpha, lam, rho, eta: 1, lambda alpha, lam, rho, eta: 0, lambda alpha, lam, rho, eta: 1),),
    students=('decoder', 'encoder'),
    state=('Q', 'R', 'E', 'm', 'd', 'chi_kk', 'chi_kh', 'chi_hh'),
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
), (
    Part(None,
         lambda v, alpha, lam, rho, eta: (1/2)*lam*v**2,
         lambda v, alpha, lam, rho, eta: lam*v,
         lambda v, alpha, lam, rho, eta: lam,
         True, False),
),),
    group=None,
    observables={'distortion': lambda Q, R, E, m, d, chi_kk, chi_kh, chi_hh, alpha, lam, rho, eta: Q*(E*eta + d**2*rho) - 2*R*eta - 2*d*m*rho + eta + rho, 'signal_recovery_error': lambda Q, R, E, m, d, chi_kk, chi_kh, chi_hh, alpha, lam, rho, eta: Q - 2*numpy.sqrt(rho)*abs(m) + rho},
    noise=lambda alpha, lam, rho, eta: eta,
    signal=lambda alpha, lam, rho, eta: rho,
)
