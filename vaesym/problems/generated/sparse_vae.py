"""Linear beta-VAE with absolute values of the weights as its penalty, on a sparse signal: for the engine; written by ``vaesym.problem.source``."""

import numpy
import scipy.special
from numpy import inf
from vaesym.engine.equations import Limits, Part
from vaesym.engine.quadratic.equations import Quadratic

def _energy(Q, R, E, m, d, chi_kk, chi_kh, chi_hh, alpha, beta, lam_decoder, lam_encoder, rho, eta, share):
    _0 = Q + beta
    _1 = _0**(-1.0)
    _2 = _1*beta
    _3 = beta*(-_2 + numpy.log(_2) + 1)
    _4 = chi_hh*eta
    _5 = chi_kh*eta
    _6 = -2*_5
    _7 = Q*eta
    _8 = eta**2
    _9 = _8*chi_hh
    _10 = _4*beta + _6 + _7*chi_hh + _8*chi_kh**2 - _9*chi_kk + 1
    _11 = _10**(-1.0)
    _12 = _7 + m**2*rho
    _13 = _11*_12
    _14 = _13*_4
    _15 = _5 - 1
    _16 = R*eta
    _17 = d*m*rho
    _18 = _16 + _17
    _19 = _0*_15
    _20 = -_19
    _21 = _0*chi_kh - chi_kk
    _22 = _21*eta
    _23 = -_20 - _22
    _24 = E*eta + d**2*rho
    _25 = _11*_24
    _26 = _23*_25
    _27 = _0*_4
    _28 = _10**(-2.0)
    _29 = _12*_28
    _30 = _15**2
    _31 = _21*_9
    _32 = _18*_28
    _33 = _27 - _5 + 1
    _34 = _11*_9
    _35 = _8*chi_hh**2
    _36 = 2*_4
    _37 = _19*_4
    _38 = _11*alpha
    _39 = _38*eta
    _40 = _38*rho
    _41 = _11*_18
    _42 = _15*_41
    _43 = -_15
    _44 = 2*_11
    _45 = _0 - chi_kk*eta
    return ((1/2)*Q*_1*beta + _11*_15*_18 - 1/2*_14 - 1/2*_26 - 1/2*_3, (1/2)*Q*_2 - 1/2*_15*_24*_28*(_20 + 2*_22) + (1/2)*_29*_4*(-_27 - _6 - 2) - 1/2*_3 - 1/2*_32*(_30 - _31) + (1/2)*_32*(_15*_33 - _23*_4), alpha*(-_15*_32*_36 + _2 + _25*(-_11*_31 + _11*_37 + 1) + _29*_35 - _34), _15*_39, -_23*_39, _40*(-_15*d + _4*m), -_40*(_15*m - _23*d), _39*(_13*_35 + _24*(-_11*_27*_43 - _21*_34 + 1) - _36*_42), -_39*(_14*_15 + _15*_26 + (1/2)*_16 + (1/2)*_17 + (1/2)*_18*(_15*_33*_44 - _37*_44 + 1) - _30*_41), _39*(_12 - _14*_45 - _26*_45 - _41*_43*_45 + _42*_45),)


def _slope(Q, R, E, m, d, chi_kk, chi_kh, chi_hh, alpha, beta, lam_decoder, lam_encoder, rho, eta, share):
    _0 = Q + beta
    _1 = eta**3
    _2 = chi_hh**2
    _3 = chi_kh*eta
    _4 = 2*_3
    _5 = Q*eta
    _6 = chi_hh*eta
    _7 = eta**2
    _8 = _7*chi_hh
    _9 = -_4 + _5*chi_hh + _6*beta + _7*chi_kh**2 - _8*chi_kk + 1
    _10 = _9**(-2.0)
    _11 = _10*_2
    _12 = _5 + m**2*rho
    _13 = _9**(-3.0)
    _14 = _3 - 1
    _15 = R*eta + d*m*rho
    _16 = _14*_15
    _17 = 2*_16
    _18 = E*eta + d**2*rho
    _19 = _0*chi_kh - chi_kk
    _20 = -_19
    _21 = _9**(-1.0)
    _22 = _21*_8
    _23 = -_14
    _24 = _0*_23
    _25 = _21*_6
    _26 = _24*_25
    _27 = _18*(_20*_22 - _26 + 1)
    _28 = _10*_6
    _29 = 2*alpha
    _30 = _14*_8
    _31 = _10*_29
    _32 = _0*_14
    _33 = _25*_32
    _34 = _19*_22
    _35 = _33 - _34 + 1
    _36 = _21*alpha
    _37 = _35*_36
    _38 = _37*eta
    _39 = _6*m
    _40 = -_14*d + _39
    _41 = -_40
    _42 = _14*m
    _43 = _25*_42
    _44 = -_35*d + _43
    _45 = _21*_29
    _46 = _45*rho
    _47 = _44*_46
    _48 = _12*_7
    _49 = _2*_21
    _50 = _48*_49
    _51 = -_17*_25 + _50
    _52 = _31*_8
    _53 = _52*(-_18*_35 - _51 + (1/2)*_7*chi_hh)
    _54 = 4*_21
    _55 = _54*_6
    _56 = _0*_6
    _57 = 1 - _3
    _58 = _56 + _57
    _59 = _21*_58
    _60 = (1/2)*eta
    _61 = _15*_60*chi_hh
    _62 = 2*_33
    _63 = _14**2
    _64 = _21*_63
    _65 = _15*_64
    _66 = 2*_6
    _67 = _12*_14
    _68 = _49*_7
    _69 = 2*_68
    _70 = -_14*_18*(2*_19*_21*_7*chi_hh - _62 - 1) + _61 - _65*_66 + _67*_69
    _71 = eta*(-_30 + _61*(-4*_23*_59 + _24*_55 + 1) + _70)
    _72 = _12*_6
    _73 = _0 - chi_kk*eta
    _74 = _21*_73
    _75 = (1/2)*_15
    _76 = _14*_75
    _77 = _14*_73
    _78 = _15*_77
    _79 = -_73
    _80 = _19*eta
    _81 = _45*eta*(_11*_48*_73 - 1/2*_18*_21*(-_3*_73 - _32*_66*_74 + _32 + 2*_34*_73 + _77 - _80) - _21*_72 + _21*_75*(_0*_69*_79 + _14 - _59*_66*_79) + _21*_76 - _28*_78 + _60 - 1/2*_74*_8)
    _82 = _10*alpha
    _83 = _1*chi_hh
    _84 = _14*_83
    _85 = _36*_7*(_14*_21*_58 - _33 - _64 + 1)
    _86 = _7*_82
    _87 = _73*_86*(_4 - 2)
    _88 = _37*_7
    _89 = -_0*_14 + _80
    _90 = -_89
    _91 = _31*_7
    _92 = _86*_90
    _93 = _73*_92
    _94 = _82*rho
    _95 = _36*rho
    _96 = -_14*_95
    _97 = (1/2)*d
    _98 = _14*_59
    _99 = -_62 + 2*_98 + 1
    _100 = _95*eta
    _101 = _100*(_21*_63*d - 2*_43 - _97*_99 - _97)
    _102 = (1/2)*_14*_21*_73*d - _23*_74*_97 - _39*_74 + m
    _103 = _44*_95
    _104 = (1/2)*m
    _105 = 2*_21
    _106 = -_100*(_104*_99 + _104 + _105*_14*_90*d - _64*m)
    _107 = _73*eta*(-_42 + _90*d)
    _108 = -_32*_55 + 4*_98 + 1
    _109 = _108*_61 + _70
    _110 = -_72
    _111 = 2*_73
    _112 = _20*eta
    _113 = -_112 + _24
    _114 = _91*(-_110 + _14*_15*_21*_73*chi_hh*eta + (1/2)*_18*(-_113 + 2*_20*_21*_7*_79*chi_hh - 2*_26*_79 - _73) - _50*_73 - _75*(-_0*_111*_68 + 2*_21*_58*_73*chi_hh*eta - _57) - _76)
    _115 = 4*_64
    _116 = _18*_89
    _117 = -_105*_116*_77 + _108*_73*_75 - _111*_65 + 2*_12*_14*_21*_73*chi_hh*eta + (1/2)*_15*_73 - _67
    return ((-_29*(-_1*_11 + _1*_12*_13*chi_hh**3 - _13*_17*_2*_7 + _27*_28 + (1/2)*beta/_0**2), -_30*_31, _38, -_28*_29*_41*rho, -_47, -_53, -_31*_71, -_81,), (-_30*_82, 0, 0, 0, 0, _82*_84, _85, -1/2*_87,), (_38, 0, 0, 0, 0, -_88, _14*_90*_91, _93,), (_41*_6*_94, 0, 0, _6*_95, _96, _40*_8*_94, _101, _100*_102,), (_103, 0, 0, _96, _90*_95, -_103*eta, _106, -_107*_94,), (_53, -_31*_84, _88, _40*_52*rho, -_47*eta, _31*_83*(_27 + _51), -_109*_91, _114,), (_71*_82, -_85, -_14*_92, _101, _106, -_109*_86, _86*(_110 + _115*_72 - _14**3*_15*_54 - _15*(_115*_56 - _115*_58 - 3*_3 + 3) + 3*_16 + _18*(-_0*_23**3*_54 + _112*_23**2*_54 + _113)), _117*_86,), (_81, _87, -_93, _102*_46*eta, -_107*_31*rho, _114, _117*_91, _73*_91*(-_105*_78 - _116*_74 + _12*_21*_73*chi_hh*eta - _12),),)


def _matrix(Q, R, E, m, d, chi_kk, chi_kh, chi_hh, alpha, beta, lam_decoder, lam_encoder, rho, eta, share):
    return ((0, -1,), (-1, Q + beta,),)


def _scalars(Q, R, E, m, d, chi_kk, chi_kh, chi_hh, alpha, beta, lam_decoder, lam_encoder, rho, eta, share):
    return (beta/(Q + beta),)


def _sample(Q, R, E, D, S_kk, S_kh, S_hh, alpha, beta, lam_decoder, lam_encoder, rho, eta, share):
    return ((1/2)*D*Q + (1/2)*S_hh*(Q + beta) - S_kh - 1/2*beta*(-D + numpy.log(D) + 1), (1/2)*(D + S_hh), 0, 0,)


def _sample_matrix(Q, R, E, D, S_kk, S_kh, S_hh, alpha, beta, lam_decoder, lam_encoder, rho, eta, share):
    return ((0, -1,), (-1, Q + beta,),)


def _trained(Q, R, E, S_kk, S_kh, S_hh, alpha, beta, lam_decoder, lam_encoder, rho, eta, share):
    return (beta/(Q + beta),)


EQUATIONS = Quadratic(
    name='sparse_vae',
    title='Linear beta-VAE with absolute values of the weights as its penalty, on a sparse signal',
    parameters=(Limits('alpha', 'samples per dimension, P/N', 0.0, inf, True), Limits('beta', 'weight of the KL term', 0.0, inf, True), Limits('lam_decoder', 'weight of the absolute values of the decoder', 0.0, inf, True), Limits('lam_encoder', 'weight of the absolute values of the encoder', 0.0, inf, True), Limits('rho', 'strength of the signal', 0.0, inf, True), Limits('eta', 'strength of the noise', 0.0, inf, True), Limits('share', "share of the signal's entries that are not zero", 0.0, 1.0, True),),
    planted=((lambda alpha, beta, lam_decoder, lam_encoder, rho, eta, share: 1 - share, lambda alpha, beta, lam_decoder, lam_encoder, rho, eta, share: 0, lambda alpha, beta, lam_decoder, lam_encoder, rho, eta, share: 0), (lambda alpha, beta, lam_decoder, lam_encoder, rho, eta, share: (1/2)*share, lambda alpha, beta, lam_decoder, lam_encoder, rho, eta, share: 1/numpy.sqrt(share), lambda alpha, beta, lam_decoder, lam_encoder, rho, eta, share: 0), (lambda alpha, beta, lam_decoder, lam_encoder, rho, eta, share: (1/2)*share, lambda alpha, beta, lam_decoder, lam_encoder, rho, eta, share: -1/numpy.sqrt(share), lambda alpha, beta, lam_decoder, lam_encoder, rho, eta, share: 0),),
    students=('decoder', 'encoder'),
    state=('Q', 'R', 'E', 'm', 'd', 'chi_kk', 'chi_kh', 'chi_hh'),
    free=('D',),
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
         lambda w, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: -lam_decoder*w,
         lambda w, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: -lam_decoder,
         lambda w, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: 0,
         True, False),
    Part(lambda alpha, beta, lam_decoder, lam_encoder, rho, eta, share: 0,
         lambda w, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: lam_decoder*w,
         lambda w, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: lam_decoder,
         lambda w, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: 0,
         True, False),
), (
    Part(None,
         lambda v, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: -lam_encoder*v,
         lambda v, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: -lam_encoder,
         lambda v, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: 0,
         True, False),
    Part(lambda alpha, beta, lam_decoder, lam_encoder, rho, eta, share: 0,
         lambda v, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: lam_encoder*v,
         lambda v, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: lam_encoder,
         lambda v, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: 0,
         True, False),
),),
    group=None,
    observables={'signal_recovery_error': lambda Q, R, E, m, d, chi_kk, chi_kh, chi_hh, D, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: Q - 2*numpy.sqrt(rho)*abs(m) + rho, 'rate': lambda Q, R, E, m, d, chi_kk, chi_kh, chi_hh, D, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: (1/2)*D + (1/2)*E*eta + (1/2)*d**2*rho - 1/2*numpy.log(D) - 1/2, 'distortion': lambda Q, R, E, m, d, chi_kk, chi_kh, chi_hh, D, alpha, beta, lam_decoder, lam_encoder, rho, eta, share: Q*(D + E*eta + d**2*rho) - 2*R*eta - 2*d*m*rho + eta + rho},
    noise=lambda alpha, beta, lam_decoder, lam_encoder, rho, eta, share: eta,
    signal=lambda alpha, beta, lam_decoder, lam_encoder, rho, eta, share: rho,
)
