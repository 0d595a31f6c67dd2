"""The plain way to train: one run after another, autograd on the samples. What the batched training is measured by."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from validation.laboratory.data import all_samples
from validation.laboratory.outcomes import starts
from validation.laboratory.runs import Run, Settings


def synchronised(device: str) -> None:
    """Wait until the device has done what was asked of it, so that a clock can be read.

    >>> synchronised("cpu")
    """
    if device == "cuda":
        torch.cuda.synchronize()


class PlainTraining:
    """One run with one latent, trained by torch's Adam with autograd on its samples.

    The loss is written as in [IH], the expectation over the posterior taken; their product of two P×P matrices is
    left out, which only makes it slower.

    Parameters
    ----------
    run : a run with M = 1 and decoder variance 1
    settings : learning rate, precision and device are taken from it

    Examples
    --------
    >>> from validation.laboratory.data import SpikedData
    >>> plain = PlainTraining(Run(SpikedData(10, 30)), Settings(device="cpu"))
    >>> plain.advance(5)
    >>> plain.loss().shape
    torch.Size([])
    """

    def __init__(self, run: Run, settings: Settings) -> None:
        self.run, self.device = run, settings.resolved_device()
        begin = starts([run])
        arrays = (all_samples(run.data), begin.decoder[0], begin.encoder[0], begin.variances[0])
        dtype = getattr(torch, settings.precision)
        self.x, self.decoder, self.encoder, self.log_variance = (
            torch.as_tensor(array).to(self.device, dtype) for array in arrays)
        self.log_variance.log_()
        self._parameters = [part.requires_grad_() for part in (self.decoder, self.encoder, self.log_variance)]
        self._optimiser = torch.optim.Adam(self._parameters, lr=settings.learning_rate)

    def loss(self) -> torch.Tensor:
        """Return R on the samples."""
        samples, features = self.x.shape
        k, h = self.x @ self.decoder / features**0.5, self.x @ self.encoder / features**0.5
        norm, variance = (self.decoder**2).sum() / features, self.log_variance.exp()
        second = (h**2).sum()
        misfit = -(h * k).sum() + norm * (second + samples * variance) / 2
        rate = (second + samples * (variance - self.log_variance - 1)) / 2
        decay = ((self.decoder**2).sum() + (self.encoder**2).sum()) / 2
        return (misfit + self.run.beta * rate + self.run.lam * decay).sum()

    def advance(self, epochs: int) -> None:
        """Train for a number of epochs."""
        for _ in range(epochs):
            self._optimiser.zero_grad()
            self.loss().backward()
            self._optimiser.step()

    def loss_per_feature(self) -> float:
        """Return R/N in double precision at the present parameters."""
        with torch.no_grad():
            kept = self.x, *self._parameters
            self.x, self.decoder, self.encoder, self.log_variance = (part.detach().double() for part in kept)
            value = float(self.loss()) / self.x.shape[1]
            self.x, self.decoder, self.encoder, self.log_variance = kept
        return value


def seconds(work: Callable[[], object], device: str) -> float:
    """Return the time that some work takes on a device.

    >>> seconds(lambda: None, "cpu") < 1
    True
    """
    synchronised(device)
    before = time.perf_counter()
    work()
    synchronised(device)
    return time.perf_counter() - before
