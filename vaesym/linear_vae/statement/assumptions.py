"""What the linear β-VAE assumes, in one object: change it, and every move that takes it derives again."""

from __future__ import annotations

from dataclasses import dataclass, fields

import sympy as sp

from vaesym.inputs import InputError
from vaesym.linear_vae.statement.symbols import beta


@dataclass(frozen=True)
class Assumptions:
    r"""The numbers (or symbols) of the statement that a chapter need not name.

    Parameters
    ----------
    prior_variance : variance s₀ of the prior N(0, s₀) of the latent, > 0
    signal_variance : variance of the law of the data's latent c, > 0
    noise_variance : variance of the noise n in one direction, > 0
    reconstruction_weight : weight of half the squared error in the loss, > 0
    kl_weight : weight of the KL term, > 0; β unless said

    Raises :class:`vaesym.InputError` if a value is known not to be positive.

    >>> from vaesym.linear_vae.exact.collapse import collapse_threshold
    >>> collapse_threshold(Assumptions(prior_variance=2))
    2*Lambda*alpha/(2*alpha + lambda) - 2*lambda/(Lambda*alpha)
    """

    prior_variance: sp.Expr = sp.S.One
    signal_variance: sp.Expr = sp.S.One
    noise_variance: sp.Expr = sp.S.One
    reconstruction_weight: sp.Expr = sp.S.One
    kl_weight: sp.Expr = beta

    def __post_init__(self) -> None:
        for field in fields(self):
            value = sp.sympify(getattr(self, field.name))
            if value.is_positive is False:
                raise InputError(f"a positive {field.name}", str(value), "give a positive number or symbol")
            object.__setattr__(self, field.name, value)


#: What the book and the shipped functions assume [IH, Eqs. 1, 4, 5].
STANDARD = Assumptions()
