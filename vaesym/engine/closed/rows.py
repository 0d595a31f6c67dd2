"""Batches of closed problems as rows of numbers, and Newton and all fields on them, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from vaesym.engine.averages import Batch
from vaesym.inputs import Floats
from vaesym.solvers.newton import NewtonResult, NewtonSettings

#: What the compiled loop over fields writes, in order.
FIELDS = ("free_energy", "replicon", "training_loss", "penalty", "zero_fraction", "classification_error")


def _parts(batch: Batch, parts: Any) -> list[Floats]:
    zero, found = np.zeros((len(batch.alpha), 1)), []
    for part in parts:
        start = np.full_like(zero, -np.inf) if part.start is None else batch.column(part.start)
        if part.wall:
            found += [start, zero, zero, zero - 1]
        else:
            found += [start, *[batch.column(f, zero) for f in (part.value, part.slope, part.curvature)]]
    return found


def rows(batch: Batch, loss: list[Floats] | None = None) -> Floats:
    """Return a row (B, n) of all numbers that the compiled equations need; ``loss`` stands for parts of the loss."""
    eq = batch.equations
    one = np.ones((len(batch.alpha), 1))
    values = eq.values[:1] if eq.symmetric else eq.values
    counts = [len(values), *[len(parts) for parts in eq.loss[:2]], *[0] * (2 - len(eq.loss[:2])), len(eq.penalty)]
    noise, shares = 0 * one, [one, 0 * one]
    if batch.linear:
        noise = batch.column(eq.label_noise)
    elif eq.kind != "sign":
        share = batch.column(eq.share)
        shares = [2 * share if eq.symmetric else share, 1 - share]
    labels = [part for value, share in zip((*values, 0.0)[:2], shares, strict=True) for part in (value * one, share)]
    if loss is None:
        loss = [column for parts in eq.loss[:len(values)] for column in _parts(batch, parts)]
    planted = [batch.column(part) for law in eq.planted for part in law]
    columns = [batch.alpha[:, None], batch.eta, batch.rho, batch.target, noise, batch.linear * one,
               *[count * one for count in counts], batch.ridge[:, None], *labels,
               *loss, *_parts(batch, eq.penalty), *planted]
    return np.ascontiguousarray(np.concatenate([np.broadcast_to(column, one.shape) for column in columns], axis=1))


def solve_rows(batch: Batch, z: Floats, settings: NewtonSettings) -> NewtonResult:
    """Solve the equations of a batch from Newton's variables (B, 3)."""
    from vaesym.engine.closed.kernel import ClosedSystem, closed_loop
    from vaesym.solvers.compiled import newton_compiled

    return newton_compiled(ClosedSystem(), z, rows(batch), settings=settings, loop=closed_loop)


def field_rows(batch: Batch, z: Floats) -> dict[str, Floats]:
    """Return the averages at Newton's variables (B, 3) by the names that the results have."""
    from vaesym.engine.closed.kernel import field_loop

    out = np.empty((len(z), len(FIELDS)))
    field_loop(rows(batch), np.ascontiguousarray(z), out)
    found = dict(zip(FIELDS, out.T, strict=True))
    return {name: value for name, value in found.items() if name != "classification_error" or not batch.linear}
