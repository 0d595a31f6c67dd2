"""Batches of points whose averages torch computes on a device: which device, and which problems."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from vaesym.engine.averages import Accuracy, Batch, Side
from vaesym.engine.equations import Equations
from vaesym.engine.experiment.products import products_on
from vaesym.inputs import Floats, require

#: Points whose nodes over two variables are in memory together, on a processor and elsewhere (0.1 GB an array).
_FEW, _MANY = 64, 2048


class TorchBatch(Batch):
    """A batch that takes and returns arrays of NumPy, and averages over nodes on a device.

    Parameters
    ----------
    equations, given, accuracy, ridge : as of :class:`vaesym.engine.averages.Batch`
    device : of torch, one that computes in float64
    """

    def __init__(self, equations: Equations, given: dict[str, Floats], accuracy: Accuracy | None = None,
                 ridge: Floats | None = None, *, device: str) -> None:
        super().__init__(equations, given, accuracy, ridge)
        self.device = device

    def again(self, given: dict[str, Floats], accuracy: Accuracy, ridge: Floats) -> TorchBatch:
        """Return the same problem at other points, on the same device."""
        return TorchBatch(self.equations, given, accuracy, ridge, device=self.device)

    def _put(self, array: Floats) -> Floats:
        from vaesym.engine.device.arrays import TorchArray

        held: Floats = TorchArray.put(array, self.device)  # type: ignore[assignment]
        return held

    @cached_property
    def _there(self) -> Batch:
        """The same batch, whose parameters are on the device."""
        there = Batch(self.equations, {name: self._put(value) for name, value in self.given.items()}, self.accuracy,
                      self._put(self.ridge))
        there.few = _FEW if self.device.startswith("cpu") else _MANY
        return there

    def energy(self, state: Floats) -> Side:
        """Return what :meth:`vaesym.engine.averages.Batch.energy` does."""
        return _back(self._there.energy(self._put(state)))

    def site(self, hats: Floats, reference: Floats) -> Side:
        """Return what :meth:`vaesym.engine.averages.Batch.site` does."""
        return _back(self._there.site(self._put(hats), self._put(reference)))

    def misfit(self, state: Floats) -> Floats:
        """Return what :meth:`vaesym.engine.averages.Batch.misfit` does."""
        return _numbers(self._there.misfit(self._put(state)))


def device_of(backend: str) -> str:
    """Return the device that a backend names: "torch" is the first GPU, or the processor where there is none.

    Raises
    ------
    vaesym.InputError
        torch is not installed, or it has no such device.

    Examples
    --------
    >>> device_of("torch:cpu")
    'cpu'
    """
    require("torch", f"the backend {backend!r}", "torch")
    import torch

    device = backend.partition(":")[2] or ("cuda" if torch.cuda.is_available() else "cpu")
    products_on(device)
    return device


def _numbers(held: Floats) -> Floats:
    there: Any = held
    return there.numpy()


def _back(side: Side) -> Side:
    return Side(_numbers(side.value), _numbers(side.slope), {name: _numbers(held) for name, held in side.more.items()})
