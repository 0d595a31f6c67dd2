"""Which latents of a training died, and when."""

from __future__ import annotations

import numpy as np

from vaesym.inputs import Floats
from vaesym.practice.monitor.batches import information

#: Information in nats below which a latent counts as collapsed: at a tenth of the training and at its end.
COLLAPSED = 0.02
#: Stretches of a training over which the information of its latents is measured, and how many make a tenth.
STRETCHES = 100
TENTH = STRETCHES // 10


def collapsed(sums: Floats) -> tuple[int, ...]:
    """Return the latents whose information is below the floor, from sums as for :func:`deaths`.

    >>> collapsed(np.array([[[1.0, 0.01], [0.5, 1.0]]]))
    (1,)
    """
    return tuple(int(i) for i in np.flatnonzero(information(*sums.sum(axis=0)) < COLLAPSED))


def deaths(sums: Floats) -> tuple[dict[int, float], tuple[int, ...]]:
    """Return which latents died after a tenth of the training, and when as a share of it; and which ended collapsed.

    ``sums`` holds Var(mu) and the posterior variance of each latent over equal stretches (stretches, 2, M). Who dies in
    the last tenth is not among the former: there is no tenth left to name it in.

    >>> alive, dead = np.array([[1.0], [0.5]]), np.array([[0.0], [1.0]])
    >>> deaths(np.stack([alive] * 60 + [dead] * 40))
    ({0: 0.6}, (0,))
    """
    end = collapsed(sums[-(STRETCHES // 20) :])
    active = information(sums[:, 0], sums[:, 1]) >= COLLAPSED
    last = {latent: int(np.flatnonzero(active[:, latent]).max(initial=-1)) + 1 for latent in end}
    return {latent: stretch / STRETCHES for latent, stretch in last.items()
            if TENTH <= stretch <= STRETCHES - TENTH}, end
