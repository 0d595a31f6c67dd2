r"""The exact solution at a point of parameter space as one program, from the derived forms.

Nothing in it is iterated to a tolerance. The potential's stationarity cubic :math:`p` is convex for Q > 0, so Newton's
iteration from above falls monotonically onto its largest root. Two bounds from above are at hand: the root of the
quadratic that is left without the cubic term, exact for small Q; and the Q + κ = y with
:math:`\varphi y^2 + \beta y = \Lambda\kappa`, exact for φ → 0 and for β → 0. The lesser of the two is within a quarter
of the root, and five steps square that error away.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp
from sympy.codegen.cfunctions import log1p

from vaesym.codegen import Let, Program, Repeat, Where
from vaesym.linear_vae.program import stable
from vaesym.linear_vae.statement.symbols import (
    Q,
    alpha,
    beta,
    decoder_variance,
    eigenvalue,
    eta,
    inverse_alpha,
    kappa,
    lam,
    overlap,
    rho,
    sample_decay,
)

#: Newton steps inside the loop and, in the open, the two that carry derivatives.
_LOOP, _OPEN = 3, 2
#: Slack that keeps a bound above the root when its last digits cancel.
_SLACK = 1 + sp.Rational(1, 2**48)

#: What the program returns, in order; ``phase`` is 0, 1, 2 as in :class:`vaesym.Phase`.
FIELDS = ("Q", "E", "R", "m", "d", "D", "eigenvalue", "overlap", "phase", "free_energy", "signal_recovery_error",
          "rate", "distortion", "kl_variational_to_posterior", "kl_posterior_to_variational")

#: Quantities whose derivatives are generated: all but the phase, which has none.
DIFFERENTIABLE = tuple(name for name in FIELDS if name != "phase")


def _local(name: str) -> Any:
    """An intermediate value of the program, with no meaning outside it."""
    return sp.Symbol(name, real=True)


given_beta, given_lam = _local("given_beta"), _local("given_lam")
#: What the user gives, by name. With a decoder of variance s the problem is that of unit variance at (βs, λs).
ARGUMENTS = {"alpha": alpha, "beta": given_beta, "lam": given_lam, "rho": rho, "eta": eta,
             "decoder_variance": decoder_variance}
SCALED = (Let(beta, given_beta * decoder_variance), Let(lam, given_lam * decoder_variance))
#: Before anything else: the parameters per sample, and κ once the eigenvalue is known.
PER_SAMPLE = (Let(inverse_alpha, 1 / alpha), Let(sample_decay, lam * inverse_alpha))
STIFFNESS = Let(kappa, stable.KAPPA)


detected, safe_rho, safe_inverse, deficit = map(_local, ("detected", "safe_rho", "safe_inverse", "deficit"))
distance, unstable, discriminant, exists, root = map(_local, ("distance", "unstable", "discriminant", "exists", "root"))
third, second, first, constant = (_local(name) for name in ("third", "second", "first", "constant"))
active, per_sample = _local("active"), _local("per_sample")


@cache
def spectrum() -> tuple[Let, ...]:
    """Λ, o and 1 − o of the latent: the outlier above the detection threshold, the edge of the noise below it.

    With ρ = 0 it is a latent that no signal is left for.
    """
    spike, squared, rest = (part.xreplace({rho: safe_rho}) for part in stable.outlier())
    return (
        Let(detected, stable.detection()),
        # Below the threshold, where there may be no signal at all, the outlier is evaluated and thrown away.
        Let(safe_rho, Where(detected, rho, 1)),
        Let(safe_inverse, Where(detected, 1, inverse_alpha)),
        Let(eigenvalue, Where(detected, spike, stable.bulk_edge().xreplace({inverse_alpha: safe_inverse}))),
        Let(overlap, Where(detected, squared, 0)),
        Let(deficit, Where(detected, rest, 1)),
    )


def _positive_part(value: Any) -> Any:
    return Where(value, value, 0)


def _upper_bound() -> tuple[Let, ...]:
    """The lesser of the two upper bounds of the largest root, and whether there is a positive root at all."""
    outward, size = _local("outward"), _local("size")
    quadratic, asymptote, above = _local("quadratic"), _local("asymptote"), _local("above")
    reach = beta + sp.sqrt(beta**2 + 4 * sample_decay * eigenvalue * kappa)
    lesser = Where(Where(asymptote, quadratic - asymptote, 0), asymptote, quadratic)
    return (
        Let(discriminant, first**2 - 4 * second * constant),
        Let(outward, sp.Abs(first) + sp.sqrt(_positive_part(discriminant))),
        Let(size, Where(outward, outward, 1)),
        Let(quadratic, Where(first, -2 * constant / size, size / (2 * second))),
        Let(asymptote, 2 * eigenvalue * kappa / reach * _SLACK - kappa),
        Let(exists, Where(unstable, 1, Where(-first, Where(discriminant, asymptote, 0), 0))),
        Let(above, Where(exists, lesser, 1)),
    )


@cache
def norm() -> tuple[Let | Repeat, ...]:
    """The largest root of the cubic, whether it is the global minimum (``active`` > 0), and Φ/α there (``per_sample``).

    Where there is no positive root the cubic gets one at 1, so that nothing runs away.
    """
    coefficients = stable.cubic_coefficients()
    kept = Where(exists, first, 0), Where(exists, constant, -third - second)
    iterates = [_local(f"newton_{i}") for i in range(_LOOP, _LOOP + _OPEN)]
    linear, offset = _local("linear"), _local("offset")

    def step(q: Any) -> Any:
        inner = third * q + second
        middle = inner * q + linear
        return q - (middle * q + offset) / (middle + q * (inner + third * q))

    last = _local(f"newton_{_LOOP + _OPEN}")
    opened = [Let(after, step(before)) for before, after in zip(iterates, [*iterates[1:], last], strict=True)]
    return (
        STIFFNESS,
        Let(distance, stable.DISTANCE),
        Let(unstable, -distance),
        *[Let(symbol, value) for symbol, value in zip((third, second, first, constant), coefficients, strict=True)],
        *_upper_bound(),
        Let(linear, kept[0]),
        Let(offset, kept[1]),
        Repeat(iterates[0], _local("above"), step(iterates[0]), _LOOP),
        *opened,
        # Between the fold of quadratic and cubic there is no root to find; Φ > 0 everywhere then, also at 1.
        Let(root, Where(last, last, 1)),
        *_shared(),
        Let(per_sample, _at_root(stable.potential())),
        Let(active, Where(exists, Where(unstable, 1, -per_sample), 0)),
    )


#: Denominators at the root, and the logarithm ln(1 + Q/β), each computed once.
_INVERSES = {Q + kappa: _local("gain"), Q + beta: _local("narrowing"), Q + decoder_variance: _local("precision")}
_LOGARITHM = _local("logarithm")


def _shared() -> tuple[Let, ...]:
    return (*[Let(symbol, 1 / base.xreplace({Q: root})) for base, symbol in _INVERSES.items()],
            Let(_LOGARITHM, log1p(root / beta)))


def _at_root(form: Any) -> Any:
    """Return a form at Q = ``root`` in terms of what is computed once."""
    def inverse(power: Any) -> Any:
        return _INVERSES[power.base] ** -power.exp

    known = form.xreplace({log1p(Q / beta): _LOGARITHM})
    return known.replace(lambda e: e.is_Pow and e.base in _INVERSES and e.exp.is_negative, inverse).xreplace({Q: root})


def _apart() -> tuple[Let, ...]:
    """√Q − √(ρo) of a detected signal, also where the two are near each other."""
    target, excess, length = map(_local, ("target", "excess", "length"))
    near = Where(2 * target - root, 2 * root - target, 0)
    reached = sp.sqrt(Where(detected, target, root))
    form = stable.norm_excess((third, second, first), target).xreplace({Q: root, rho: safe_rho})
    return (Let(length, sp.sqrt(root)), Let(excess, form),
            Let(_local("apart"), Where(near, excess / (length + reached), length - reached)))


def _observables() -> dict[str, tuple[Any, Any]]:
    """Return name → (value of an active latent of norm ``root``, value when collapsed)."""
    forms = {name: _at_root(form) for name, form in stable.observable_forms().items()}
    lost = rho * deficit
    error = Where(detected, _local("apart") ** 2, root)
    return {
        "free_energy": (alpha * per_sample / decoder_variance, 0),
        "signal_recovery_error": (error + lost, rho),
        "rate": (forms["rate"], 0),
        "distortion": (forms["distortion"] + lost, rho + eta),
        "kl_variational_to_posterior": (forms["kl_variational_to_posterior"], 0),
        "kl_posterior_to_variational": (forms["kl_posterior_to_variational"], 0),
    }


@cache
def point() -> Program:
    """Return the program of all :data:`FIELDS`, of :data:`ARGUMENTS`."""
    target = _local("target")
    # The square root of the overlap has no derivative where there is no signal.
    aligned = Where(detected, sp.sqrt(root) * sp.sqrt(Where(detected, overlap, 1)), 0)
    gain = _INVERSES[Q + kappa]
    encoder, within, _, _, variance = map(_at_root, stable.state())
    values = {
        "Q": (root, 0), "E": (encoder, 0), "R": (within, 0), "m": (aligned, 0), "d": (gain * aligned, 0),
        "D": (variance, 1), "eigenvalue": (eigenvalue, eigenvalue), "overlap": (overlap, overlap),
        "phase": (Where(detected, 2, 1), 0), **_observables(),
    }
    results = {name: Where(active, *values[name]) for name in FIELDS}
    return Program((*SCALED, *PER_SAMPLE, *spectrum(), Let(target, rho * overlap), *norm(), *_apart()), results)


@cache
def stationary_point() -> Program:
    """Return the program of all :data:`FIELDS` but the phase at a stationary point whose Q, Λ and o are given.

    Besides :data:`ARGUMENTS` it takes ``eigenvalue``, ``overlap`` (0 on the edge of the noise) and ``Q`` > 0.
    """
    coefficients = zip((third, second, first), stable.cubic_coefficients()[:3], strict=True)
    given = point()
    statements = (
        *SCALED, *PER_SAMPLE, Let(detected, overlap), Let(safe_rho, Where(detected, rho, 1)), STIFFNESS,
        # Without an overlap 1 − o is 1; with one it is the outlier's.
        Let(deficit, Where(detected, stable.outlier()[2].xreplace({rho: safe_rho}), 1)),
        Let(_local("target"), rho * overlap), Let(distance, stable.DISTANCE),
        *[Let(symbol, value) for symbol, value in coefficients],
        Let(root, Q), *_shared(), Let(per_sample, _at_root(stable.potential())), *_apart(),
    )
    return Program(statements, {name: given.results[name].xreplace({active: sp.S.One}) for name in DIFFERENTIABLE})


@cache
def minimiser() -> Program:
    """Return the program of Q of the global minimum of the potential at (α, β, λ, Λ)."""
    return Program((*PER_SAMPLE, *norm()), {"Q": Where(active, root, 0)})


@cache
def derivatives() -> Program:
    r"""Return the program of d(field)/d(argument) for all :data:`ARGUMENTS`, by the implicit function theorem.

    Named ``dQ_D_beta`` and so on. Where the phase changes they are those of the phase that is named there.
    """
    return point().derivatives(ARGUMENTS, DIFFERENTIABLE)
