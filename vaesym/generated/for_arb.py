"""The shipped model as arb functions.

Written by `python -m vaesym.linear_vae.program.generate`; do not edit. A test regenerates and compares it.
"""

from typing import Any

from flint import arb, fmpq

#: The numbers that literals become.
NUMBERS = (arb, fmpq)


class Undecided(ArithmeticError):
    """The working precision does not decide a sign."""


def positive(x: Any) -> bool:
    """Tell whether all of the ball is > 0 (true) or <= 0 (false); anything else is refused."""
    if x > 0:
        return True
    if x <= 0:
        return False
    raise Undecided(f"expected a sign; received {x}; raise the precision")

BACKEND = "arb"
SHAPES = {
    "detection": (),
    "detection_threshold": (),
    "outlier": (3,),
    "bulk_edge": (),
    "collapse_threshold": (),
    "cubic_coefficients": (4,),
    "discriminant": (),
    "cubic": (5,),
    "potential": (3,),
    "observables": (10,),
    "order_detected": (2,),
    "order_undetected": (2,),
}
FIELDS = [
    "E",
    "R",
    "m",
    "d",
    "D",
    "rate",
    "distortion",
    "signal_recovery_error",
    "kl_variational_to_posterior",
    "kl_posterior_to_variational",
]
DIFFERENTIABLE = []


def detection(inverse_alpha, rho, eta):
    """Positive where the signal is detected."""
    return -eta**2*inverse_alpha + rho**2


def detection_threshold(rho, eta):
    """Samples per dimension to detect."""
    return eta**2/rho**2


def outlier(inverse_alpha, rho, eta):
    """Outlier: eigenvalue, overlap, 1 - overlap."""
    t0 = eta + rho
    t1 = 1/rho
    t2 = eta*inverse_alpha
    t3 = t1*t2
    t4 = 1/(rho + t2)
    return (
        t0*(t3 + 1),
        t1*t4*(-eta**2*inverse_alpha + rho**2),
        t0*t3*t4,
    )


def bulk_edge(inverse_alpha, eta):
    """Upper edge of the noise spectrum."""
    return eta*(inverse_alpha.sqrt() + 1)**2


def collapse_threshold(sample_decay, eigenvalue):
    """Least beta of stable collapse."""
    return eigenvalue/(sample_decay + 1) - sample_decay/eigenvalue


def cubic_coefficients(beta, sample_decay, eigenvalue):
    """Stationarity cubic in Q over alpha, highest power first."""
    t0 = sample_decay/eigenvalue
    kappa = beta + t0
    t1 = 2*sample_decay
    t2 = sample_decay + 1
    t3 = beta*t2
    t4 = -eigenvalue/t2 + kappa
    return (
        sample_decay,
        kappa*t1 + t3,
        kappa*(beta*(t1 + 1) - t0 + t2*t4),
        kappa*t3*t4,
    )


def discriminant(third, second, first, constant):
    """Discriminant of a cubic, or of a quadratic up to a square."""
    return -27*constant**2*third**2 + 18*constant*first*second*third - 4*constant*second**3 - 4*first**3*third + first**2*second**2


def cubic(Q, beta, sample_decay, eigenvalue):
    """Stationarity cubic over alpha: p, p_Q, p_beta, p_QQ, p_Qbeta."""
    t0 = sample_decay + 1
    t1 = sample_decay/eigenvalue
    t2 = beta + t1
    t3 = -eigenvalue/t0 + t2
    t4 = beta*t0
    t5 = t2*t4
    t6 = Q*sample_decay
    t7 = 2*sample_decay
    t8 = t2*t7 + t4
    t9 = t0*t3
    t10 = beta*(t7 + 1) - t1 + t9
    t11 = Q*(t6 + t8) + t10*t2
    t12 = 3*sample_decay
    t13 = Q*(t12 + 1)
    t14 = t10 + t2*(t12 + 2)
    return (
        Q*t11 + t3*t5,
        Q*(2*t6 + t8) + t11,
        Q*(t13 + t14) + t2*t9 + t3*t4 + t5,
        4*sample_decay*t2 + 2*t4 + 6*t6,
        2*t13 + t14,
    )


def potential(Q, beta, sample_decay, eigenvalue):
    """Potential over alpha, and its derivatives along Q and beta."""
    t0 = (fmpq(1, 2))*sample_decay
    t1 = Q/beta
    t2 = (fmpq(1, 2))*t1.log1p()
    t3 = Q + beta + sample_decay/eigenvalue
    t4 = (fmpq(1, 2))*eigenvalue
    t5 = t4/t3
    t6 = (fmpq(1, 2))/(t1 + 1)
    t7 = Q*t4/t3**2
    return (
        Q*t0 - Q*t5 + beta*t2,
        t0 - t5 + t6 + t7,
        -t1*t6 + t2 + t7,
    )


def observables(Q, beta, sample_decay, rho, eta, eigenvalue, overlap, deficit):
    """Of a latent, also collapsed: E, R, m, d, D, rate, distortion, signal_recovery_error, kl_variational_to_posterior, kl_posterior_to_variational."""
    kappa = beta + sample_decay/eigenvalue
    t0 = Q + kappa
    t1 = 1/t0**2
    t2 = Q*t1
    t3 = 1/t0
    t4 = Q.sqrt()
    t5 = overlap.sqrt()
    t6 = t4*t5
    t7 = Q + beta
    t8 = 1/t7
    t9 = beta*t8
    t10 = Q*t8
    t11 = (fmpq(1, 2))*t10
    t12 = 1/beta
    t13 = Q*t12
    t14 = eta + overlap*rho
    t15 = t14*t2
    t16 = (fmpq(1, 2))*t15
    t17 = deficit*rho
    t18 = beta - 1
    t19 = Q + 1
    t20 = 1/t19
    t21 = (1 - kappa)**2
    t22 = -t18*t20
    t23 = ((t10*t18 if positive(t18) else t13*t22)).log1p()
    t24 = (fmpq(1, 2))*(t23 if positive(t18) else -t23)
    return (
        t2,
        Q*t3,
        t6,
        t3*t6,
        t9,
        -t11 + t16 + (fmpq(1, 2))*t13.log1p(),
        Q*t9 + kappa**2*t1*t14 + t17,
        t17 + (-rho.sqrt()*t5 + t4)**2,
        t11*t18 + t16*t20*t21 - t24,
        (fmpq(1, 2))*t12*(Q*t22 + t15*t21*t7/t19**2) + t24,
    )


def order_detected(inverse_alpha, lam, rho, eta):
    """Positive where the transition is continuous; slope along 1/alpha; outlier."""
    t0 = inverse_alpha*lam
    t1 = eta/rho
    t2 = inverse_alpha*t1 + 1
    t3 = eta + rho
    t4 = 1/t3
    t5 = t4/t2
    t6 = t0*t5
    t7 = 2*t0 + 1
    t8 = t0 + 1
    t9 = 1/t8
    t10 = t2*t3*t9 - t6
    t11 = -lam*t5 + t0*t1*t4/t2**2
    return (
        t10*t7 - t6,
        2*lam*t10 + t11 + t7*(-lam*t2*t3/t8**2 + t1*t3*t9 + t11),
    )


def order_undetected(inverse_alpha, lam, rho, eta):
    """Positive where the transition is continuous; slope along 1/alpha; edge."""
    t0 = inverse_alpha*lam
    t1 = 1/eta
    t2 = inverse_alpha.sqrt()
    t3 = t2 + 1
    t4 = t3**2
    t5 = t1/t4
    t6 = -t0*t5
    t7 = 2*t0 + 1
    t8 = t0 + 1
    t9 = 1/t8
    t10 = eta*t4*t9 + t6
    t11 = lam*t5
    t12 = 1/t3**3
    return (
        t10*t7 + t6,
        lam*t1*t12*t2 + 2*lam*t10 - t11 + t7*(-eta*lam*t4/t8**2 + eta*t3*t9/t2 + lam*t1*t12*t2 - t11),
    )
