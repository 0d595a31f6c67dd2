"""The quick checks: theory against theory, against brute force, and against training."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize

import vaesym
from vaesym import LinearVAE
from vaesym.solvers import Status
from validation.simulate.loss_by_hand import loss_and_gradient


@dataclass(frozen=True)
class CheckResult:
    """One check: what was compared, how far apart it was, and how far it may be."""

    name: str
    compared: int
    worst: float
    allowed: float
    unit: str
    details: dict[str, float] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the worst difference is within what is allowed."""
        return bool(self.worst <= self.allowed)


def brute_force_against_exact(matrices: int = 12, starts: int = 20, seed: int = 0) -> CheckResult:
    """Minimise by L-BFGS from random starts; the exact minimum must never be beaten, and must be reached.

    >>> brute_force_against_exact(2, starts=6).passed
    True
    """
    rng = np.random.default_rng(seed)
    worst, reached = 0.0, 0
    for i in range(matrices):
        features, samples, latents = int(rng.integers(5, 61)), int(rng.integers(4, 121)), 1 + i % 3
        latents = min(latents, features, samples)
        spike = rng.normal(size=(samples, 1)) * rng.normal(size=features) * (2.0 if i % 2 else 0.0)
        data = rng.normal(size=(samples, features)) + spike
        beta, lam = float(rng.uniform(0.1, 2.0)), float(rng.choice([0.0, rng.uniform(0.0, 1.0)]))
        exact = LinearVAE(latents, beta=beta, lam=lam, center=False).fit(data).loss_
        arguments = (data.T @ data / features, samples, latents, beta, lam)
        size = 2 * features * latents + latents
        # Decoder and encoder count in units of √N.
        scales = np.repeat([features**0.5, 1.0], [size - latents, latents])
        values = [minimize(loss_and_gradient, rng.normal(size=size) / scales, arguments, jac=True, method="L-BFGS-B",
                           options={"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-15, "gtol": 1e-10}).fun
                  for _ in range(starts)]
        scale = max(1.0, abs(exact))
        # Unlike max and min, NumPy's do not lose a NaN.
        worst = float(np.maximum(worst, abs(np.min(values) - exact) / scale))
        reached += sum((value - exact) / scale < 1e-8 for value in values)
    return CheckResult("brute force = exact minimum", matrices * starts, worst, 1e-8, "relative difference of the best",
                       {"share of starts that reach it": reached / (matrices * starts)})


_FIELDS = ("Q", "E", "R", "m", "d", "D", "free_energy")


def replica_against_random_matrix(points: int = 10_000, seed: int = 0) -> CheckResult:
    """Compare the least stationary point of the replica equations with the exact solution.

    α is log-uniform in [0.05, 50]; β in [0.05, 3], λ in [0.01, 2], ρ and η in [0.2, 3] are uniform. The worst
    absolute difference over Q, E, R, m, d, D and f must be below 1e-9, with less than one point in 1,000 flagged.

    >>> replica_against_random_matrix(50).passed
    True
    """
    rng = np.random.default_rng(seed)
    alpha = np.exp(rng.uniform(np.log(0.05), np.log(50), points))
    beta, lam, rho, eta = (rng.uniform(*r, points) for r in ((0.05, 3), (0.01, 2), (0.2, 3), (0.2, 3)))
    found = vaesym.saddle_points(alpha, beta, lam=lam, rho=rho, eta=eta)
    closed = vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta)
    good = (found.status[:, 0] == Status.CONVERGED) & found.complete
    gaps = [np.abs(getattr(found, name)[good, 0] - getattr(closed, name)[good]).max(initial=0.0) for name in _FIELDS]
    flagged = float((~good).mean())
    worst = float(np.max(gaps)) if flagged < 1e-3 else np.inf
    return CheckResult("replica = random matrix", points, worst, 1e-9, "largest difference",
                       {"flagged": flagged * points, "largest residual": float(np.nanmax(found.residual))})


#: Points (α, β, λ), one in each phase and one near the threshold of detection.
POINTS = ((4.0, 0.5, 0.5), (0.8, 0.3, 0.2), (2.0, 2.5, 0.1), (2.0, 0.6, 0.05))


def train(data: np.ndarray, beta: float, lam: float, seed: int) -> float:
    """Train a linear VAE with one latent on the rows of ``data`` by L-BFGS; return R_min/N.

    The model sees the samples themselves; the expectation over the posterior is exact.
    """
    import torch

    from validation.simulate.loss import sample_loss

    generator = torch.Generator().manual_seed(seed)
    x = torch.as_tensor(data, dtype=torch.float64)[None]
    weights = torch.randn(1, 2, x.shape[2], generator=generator, dtype=torch.float64).requires_grad_()
    log_variance = torch.zeros(1, 1, dtype=torch.float64, requires_grad=True)
    fixed = [torch.tensor([value], dtype=torch.float64) for value in (0.0, beta, lam)]
    optimiser = torch.optim.LBFGS([weights, log_variance], max_iter=5000, tolerance_grad=1e-10,
                                  tolerance_change=1e-14, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        value = sample_loss(x, weights, log_variance, *fixed)[0] / x.shape[2]
        value.backward()
        return value

    optimiser.step(closure)
    return float(closure().detach())


def training_against_theory(dimension: int = 200, repeats: int = 16, seed: int = 0) -> CheckResult:
    """Compare the mean least loss over random data sets with the free energy, as a z-score.

    The dimension is finite, so the mean is taken at N and 2N and extrapolated in 1/N to infinity; the error is that
    of the extrapolated mean.
    """
    rng = np.random.default_rng(seed)
    scores = {}
    for alpha, beta, lam in POINTS:
        means, errors = [], []
        for size in (dimension, 2 * dimension):
            samples = round(alpha * size)
            direction = np.sqrt(size) * np.eye(size)[0]
            losses = []
            for repeat in range(repeats):
                data = rng.normal(size=(samples, 1)) * direction / np.sqrt(size) + rng.normal(size=(samples, size))
                losses.append(train(data, beta, lam, seed + repeat))
            means.append(np.mean(losses))
            errors.append(np.std(losses, ddof=1) / np.sqrt(repeats))
        theory = float(vaesym.solve(alpha, beta, lam=lam).free_energy)
        error = np.hypot(2 * errors[1], errors[0])
        score = (2 * means[1] - means[0] - theory) / max(error, 1e-9)
        scores[f"z at α={alpha:g}, β={beta:g}, λ={lam:g}"] = float(score)
    # Unlike max, NumPy's maximum does not lose a NaN.
    worst = float(np.abs(list(scores.values())).max())
    return CheckResult("training = free energy", len(POINTS), worst, 4.0, "largest |z|", scores)
