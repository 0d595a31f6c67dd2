"""Trained models by name, and whether they would use one more latent."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaesym.inputs import InputError, named_object, positive_number
from vaesym.practice.data.readers import as_loaded
from vaesym.practice.network.outputs import guarded, image_shape
from vaesym.practice.next_latent import NextLatent, next_latent

_NAMES = ("give MODULE:NAME or FILE.py:NAME of an object with encode(x) -> (mean, log-variance) and decode(z), or of a "
          "function that returns one")


@dataclass(frozen=True)
class OneMore:
    """Whether a trained model would use one more latent, at the βσ² it was trained at.

    ``thresholds`` are the βσ² below which it would; ``used`` is None where the value on the samples says yes and that
    on unseen samples says no: too close to call. ``fresh`` is about another training, from new initial values.
    """

    thresholds: NextLatent
    effective_beta: float

    @property
    def used(self) -> bool | None:
        """Whether a further latent would grow."""
        if self.thresholds.held_out > self.effective_beta:
            return True
        return False if self.thresholds.conditional <= self.effective_beta else None

    @property
    def fresh(self) -> bool:
        """Whether a model trained afresh with one more latent would use it, by linear theory."""
        return self.effective_beta < self.thresholds.linear

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and lists."""
        return {**dataclasses.asdict(self.thresholds), "effective_beta": self.effective_beta, "used": self.used,
                "fresh": self.fresh}

    @property
    def words(self) -> str:
        """The answer as a sentence."""
        found = self.thresholds
        answer = {True: "would be used", False: "would stay collapsed", None: "is too close to call"}[self.used]
        return (f"{len(found.active)} latents of the model are active. One more, added to it, {answer} at βσ² = "
                f"{self.effective_beta:.4g}: it grows below Λ*(A) = {found.conditional:.4g} (on unseen samples "
                f"{found.held_out:.4g}). A model trained afresh with one more uses it below about {found.linear:.4g}, "
                "by linear theory.")


def one_more(model: Any, data: Any, beta: float, *, seed: int = 0, scaling: float = 1.0,
             shape: tuple[int, ...] | None = None) -> OneMore:
    """Return whether a trained model would use one more latent.

    Parameters
    ----------
    model : with ``encode(x)``, which returns mean and log-variance of q(z|x), and ``decode(z)``, which returns the mean
        of p(x|z), in any form that :mod:`vaesym.practice.network.outputs` reads: a tuple (mu, logvar, ...), a torch
        distribution, a dictionary with mu and logvar, one array of both side by side.
        A torch module gets tensors on its device, without gradients and in evaluation mode, from which it returns to
        the mode it was in; anything else gets float32 arrays
    data : samples × features, as the model sees them, of any kind that :func:`vaesym.advise` reads
    beta : the βσ² it was trained at, as :meth:`vaesym.LossScale.effective_beta` gives it
    seed : of the draws of z
    scaling : factor on the data, which the model sees multiplied by it
    shape : of one sample as the encoder wants it, such as (1, 28, 28) for a convolutional one; flat if not given

    Raises
    ------
    vaesym.InputError
        A model without the two methods, or whose methods fail, or as
        :func:`vaesym.practice.next_latent.next_latent` does.

    Examples
    --------
    >>> class Collapsed:
    ...     def encode(self, x): return np.zeros((len(x), 1)), np.zeros((len(x), 1))
    ...     def decode(self, z): return np.zeros((len(z), 2))
    >>> x = np.random.default_rng(0).normal(size=(1000, 2)) * [3, 1]
    >>> one_more(Collapsed(), x, 4.0).used, one_more(Collapsed(), x, 20.0).used
    (True, False)
    """
    weight = positive_number("beta", beta)
    for name in ("encode", "decode"):
        if not callable(getattr(model, name, None)):
            raise InputError("a model with the methods encode and decode", f"a {type(model).__name__} without {name}",
                             "wrap it in an object that has both")
    run = _on_torch(model) if hasattr(model, "parameters") and "torch" in sys.modules else lambda function: function
    loaded = as_loaded(data)
    given = image_shape(shape, loaded.array.shape[1])
    encode, decode = guarded(run(model.encode), "encode", given), guarded(run(model.decode), "decode", None)
    with _evaluating(model):
        found = next_latent(loaded, encode, decode, seed=seed, scaling=scaling * loaded.scaling)
    return OneMore(found, weight)


@contextmanager
def _evaluating(model: Any) -> Generator[None]:
    """Put a torch module into evaluation mode for a while: it may be asked in the midst of its training."""
    parts = list(model.modules()) if hasattr(model, "modules") and hasattr(model, "eval") else []
    modes = [part.training for part in parts]
    if parts:
        model.eval()
    try:
        yield
    finally:
        for part, mode in zip(parts, modes, strict=True):
            part.training = mode


def _on_torch(model: Any) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    import torch

    first = next(iter(model.parameters()), None)
    place = torch.device("cpu") if first is None else first.device
    kind = torch.float32 if first is None else first.dtype

    def wrapped(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def run(values: Any) -> Any:
            with torch.no_grad():
                return function(torch.from_numpy(np.ascontiguousarray(values)).to(place, kind))

        return run

    return wrapped


def load_model(name: str) -> Any:
    """Return the model that MODULE:NAME or FILE.py:NAME names; this runs that module's code.

    Raises
    ------
    vaesym.InputError
        A name of another form, or a module that cannot be imported or does not have it, or a function that fails.

    Examples
    --------
    >>> load_model("numpy")
    Traceback (most recent call last):
    ...
    vaesym.inputs.InputError: expected a model as MODULE:NAME; received 'numpy'; give MODULE:NAME or FILE.py:NAME of \
an object with encode(x) -> (mean, log-variance) and decode(z), or of a function that returns one
    """
    model = named_object(name, "a model", _NAMES)
    is_model = hasattr(model, "encode") or hasattr(model, "parameters")  # a torch module is callable too
    if not isinstance(model, type) and (is_model or not callable(model)):
        return model
    try:
        return model()
    except Exception as error:  # The user's own code can fail in any way.
        raise InputError(f"{name} to return a model when called without arguments", f"{type(error).__name__}: {error}",
                         _NAMES) from error
