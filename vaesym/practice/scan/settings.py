"""How a scan is made: its arguments, checked before any work."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from vaesym import inputs
from vaesym.inputs import InputError
from vaesym.output import writable_folder
from vaesym.practice.families import check_options
from vaesym.practice.scan.observations import check_likelihood

NETWORKS = ("mlp", "convolutional")
#: Hidden layers, or channels of the convolutions, where none are given.
HIDDEN: dict[str, tuple[int, ...]] = {"mlp": (256,), "convolutional": (32, 64)}
#: Samples that a training sees where the epochs are not given, and the epochs that this may come to.
_SEEN, _FEWEST, _MOST = 2_400_000, 40, 600
#: Told how many steps have been made, of all.
Progress = Callable[[int, int], object]
#: Makes a torch module for a number of inputs.
Factory = Callable[[int], Any]


@dataclass(frozen=True)
class Settings:
    """How a scan is made; the fields are arguments of :func:`vaesym.scan`, checked."""

    latents: int
    hidden: tuple[int, ...] = (256,)
    likelihood: str = "gaussian"
    beta_range: tuple[float, float] | None = None
    epochs: int | None = None
    seed: int = 0
    seeds: int = 1
    network: str = "mlp"
    encoder: Factory | None = None
    decoder: Factory | None = None
    shape: tuple[int, ...] | None = None
    variance: float | None = 1.0
    held_out: float = 0.1
    batch: int = 256
    learning_rate: float = 3e-3
    gated: bool = True
    device: str = "cpu"
    checkpoint: Path | None = None
    groups: Any = None

    @property
    def linear(self) -> bool:
        """Whether encoder and decoder are linear, so that condition and latents add up in them."""
        return self.network == "mlp" and self.encoder is None and not self.hidden

    def epochs_for(self, samples: int) -> int:
        """Return the epochs asked for, or else so many that about 2.4 million samples are seen.

        >>> Settings(2).epochs_for(60_000)
        40
        """
        return self.epochs or min(max(round(_SEEN / samples), _FEWEST), _MOST)


def checked(latents: Any, *, hidden: Any = None, likelihood: Any = "gaussian", beta_range: Any = None,
            epochs: Any = None, network: Any = "mlp", encoder: Any = None, decoder: Any = None, shape: Any = None,
            variance: Any = 1.0, held_out: Any = 0.1, checkpoint: Any = None, device: Any = "cpu", groups: Any = None,
            **others: Any) -> Settings:
    """Return the settings, or raise :class:`vaesym.InputError` for the first argument outside its domain.

    >>> checked(2, beta_range=(3.0, 1.0))
    Traceback (most recent call last):
    ...
    vaesym.inputs.InputError: expected beta_range as (low, high) with 0 < low < high; received (3.0, 1.0); give the \
smaller first
    """
    if likelihood == "gaussian_shared" and variance == 1.0:  # the name it has where all likelihoods are named
        likelihood, variance = "gaussian", "learned"
    check_options(cast("Any", check_likelihood(likelihood)), None, groups)
    if not isinstance(network, str) or network not in NETWORKS:
        raise InputError(f"network as one of {', '.join(NETWORKS)}", f"{network!r}",
                         "choose one, or pass encoder and decoder")
    for name, factory in (("encoder", encoder), ("decoder", decoder)):
        # A module is callable too, but each training makes its own.
        made = hasattr(factory, "state_dict") and not isinstance(factory, type)
        if factory is not None and (made or not callable(factory)):
            raise InputError(f"{name} as a function that makes a torch module of a number of inputs",
                             f"a {type(factory).__name__}", f"pass e.g. {name}=lambda inputs: nn.Linear(inputs, 9)")
    if (encoder is None) != (decoder is None):
        raise InputError("encoder and decoder together", "one of them", "pass both, or neither")
    if others.get("gated", True) not in (True, False):
        raise InputError("gated as True or False", f"{others['gated']!r}", "pass a bool")
    sizes = {name: inputs.count(name, others[name]) for name in ("seeds", "batch") if name in others}
    return Settings(
        latents=inputs.count("latents", latents), hidden=_hidden(hidden, network), network=network, encoder=encoder,
        decoder=decoder, likelihood=likelihood, beta_range=_range(beta_range),
        epochs=None if epochs is None else inputs.count("epochs", epochs), shape=_shape(shape),
        seed=inputs.whole_seed(others.get("seed", 0)), variance=_variance(variance, likelihood),
        held_out=_share(held_out), **sizes,
        learning_rate=inputs.positive_number("learning_rate", others.get("learning_rate", 3e-3)),
        gated=bool(others.get("gated", True)), device=_device(device), checkpoint=_checkpoint(checkpoint),
        groups=groups)


def _hidden(hidden: Any, network: str) -> tuple[int, ...]:
    if hidden is None:
        return HIDDEN[network]
    if isinstance(hidden, str) or not isinstance(hidden, Sequence):
        raise InputError("hidden as the widths of the hidden layers", f"{hidden!r}", "pass e.g. hidden=(256,)")
    if network == "convolutional" and not hidden:
        raise InputError("at least one convolution in hidden", "none", "pass channels, e.g. hidden=(32, 64)")
    return tuple(inputs.count("hidden", width) for width in hidden)


def _range(given: Any) -> tuple[float, float] | None:
    if given is None:
        return None
    ends = inputs.positive("beta_range", given)
    if ends.shape != (2,) or ends[0] >= ends[1]:
        raise InputError("beta_range as (low, high) with 0 < low < high", f"{given!r}", "give the smaller first")
    return float(ends[0]), float(ends[1])


def _shape(shape: Any) -> tuple[int, ...] | None:
    if shape is None:
        return None
    if isinstance(shape, str) or not isinstance(shape, Sequence) or len(shape) not in (2, 3):
        raise InputError("shape as (height, width) or (channels, height, width)", f"{shape!r}", "pass e.g. (28, 28)")
    sizes = tuple(inputs.count("shape", size) for size in shape)
    return sizes if len(sizes) == 3 else (1, *sizes)


def _variance(variance: Any, likelihood: Any) -> float | None:
    if likelihood != "gaussian" and variance != 1.0:
        raise InputError("variance beside the likelihood gaussian alone", f"{variance!r} with {likelihood}",
                         "leave it out")
    if isinstance(variance, str):
        if variance != "learned":
            raise InputError("variance as a number > 0 or 'learned'", f"{variance!r}", "choose one of them")
        return None
    return inputs.positive_number("variance", variance)


def _share(held_out: Any) -> float:
    share = inputs.real_array("held_out", held_out)
    if share.ndim or not 0 <= share < 1:
        raise InputError("held_out as a share of the samples, from 0 to below 1", f"{held_out!r}", "pass e.g. 0.1")
    return float(share)


def _device(device: Any) -> str:
    inputs.require("torch", "training the networks", "torch")
    import torch

    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, TypeError) as error:
        raise InputError("a device of this machine that torch knows", f"{device!r}", "pass cpu, or cuda where there is "
                         "one") from error
    return str(device)


def _checkpoint(path: Any) -> Path | None:
    if path is None:
        return None
    if not isinstance(path, (str, os.PathLike)):
        raise InputError("checkpoint as the path of a file", f"a {type(path).__name__}", "pass a path")
    file = Path(path)
    if file.is_dir():
        raise InputError("checkpoint as the path of a file", f"the folder {file}", "name a file in it")
    writable_folder(file.parent)
    return file
