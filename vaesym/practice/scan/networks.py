"""Networks that hold for all β at once: presets or the user's own, with weights that depend on ln β, behind gates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym.inputs import Floats, InputError

if TYPE_CHECKING:
    from torch import Tensor

    from vaesym.practice.scan.prepared import Prepared
    from vaesym.practice.scan.settings import Settings

#: Distance of the knots of the weights in ln β, at most; thresholds more than half as far apart are knots.
_APART = 0.9
#: Width of the small network that turns ln β into scales and shifts, where these are all there is.
_CODE = 32
#: Of each convolution, in both directions: it halves an image, or doubles it.
_KERNEL: dict[str, Any] = {"kernel_size": 4, "stride": 2, "padding": 1}
#: A gate starts no lower than so many times the smallest β: the gradient of a closed gate is 0.
_LEAST = 1.2


class Conditioned:
    r"""A VAE whose weights depend on ln β, and whose latents close where a learned threshold g_l is passed.

    With s_l = √(1 − β/g_l)₊ the posterior and the decoder's input are

    .. math:: \bar z_l = s_l\,m_l(x),\quad \ln D_l = \ln(1-s_l^2) + s_l^2\,c_l(x),\quad s_l z_l,

    and every number θ of the networks is θ + (1 − t) θ_k + t θ_{k+1} between the knots k and k + 1 in ln β, of which t
    tells the place. The global minimum of the linear VAE at λ = 0 is of this form with m linear, c = 0, θ_k = 0 and g_l
    the eigenvalues of the covariance. There the gates start, and a linear network altogether. Where it is known g_1
    stays where full collapse ends, and no other is larger: an open gate a network can close itself, by a mean of 0 and
    a variance of 1, but a closed one it cannot open. Full collapse is unstable below the first threshold, with squared
    error λ_max(Cov x), for any network that is linear near it, and stable above for all; where a state far from it is
    better up to a larger β, that is g_1. Of labels each has gates of its own, and g_1 is λ_max(Cov(x|label)).

    Without gates the layers are scaled and shifted by functions of ln β, h (1 + a) + b, and nothing else depends on it.

    Source: new; theory, sections 3, 4 and 10. Scale and shift: Perez et al., arXiv:1709.07871; for rate–distortion
    curves of VAEs: Bae et al., arXiv:2212.03905.
    """

    def __init__(self, ready: Prepared, settings: Settings, log_range: tuple[float, float], seed: int) -> None:
        import torch
        from torch import nn

        self.device, self.gated, self.low, self.high = settings.device, settings.gated, *log_range
        self.observation, self._code, self._now = ready.observation, None, {}
        # Where the linear theory holds for the networks as it stands, and where its full collapse does.
        solved = self.gated and ready.linear.gaussian and settings.linear
        self.labelled = len(ready.linear.labelled) > 0
        self.exact = solved or ready.linear.last > 0 or (ready.linear.gaussian and self.labelled)
        features, told = ready.values.shape[1], ready.condition.shape[1]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            encoder, decoder = _bodies(ready, settings, features, told)
            # The presets for images look at the image alone; what else is told joins before the heads.
            self._late = ready.shape is not None
            width = _width(encoder, features + (0 if self._late else told)) + (told if self._late else 0)
            heads = nn.ModuleDict({name: nn.Linear(width, settings.latents) for name in ("mean", "log_variance")})
            parts = nn.ModuleDict({"encoder": encoder, "heads": heads, "decoder": decoder})
            if settings.likelihood == "negative_binomial":
                # The more is explained, the less is left to the dispersion: one for all β would keep latents alive.
                parts["dispersion"] = nn.ParameterDict({"shift": torch.zeros(features)})
            # A linear network needs no knots: behind the gates one set of weights is exact at every β.
            if solved:
                _solve(parts, *(torch.as_tensor(every[ready.training]) for every in (ready.values, ready.condition)))
            if not self.gated:
                self._scale(parts)
        self.parts: Any = parts.to(self.device)
        free = {name: number for name, number in self.parts.named_parameters() if number.requires_grad}
        self._names, start = list(free), self._first_gates(ready, math.exp(log_range[0]))
        self.places = knot_places(*log_range, start) if self.gated and not solved else []
        self.knots: Any = nn.ModuleList(nn.ParameterList(torch.zeros_like(number) for number in free.values())
                                        for _ in self.places)
        self.log_gates, self.offset, self.log_theta = (
            torch.tensor(value, dtype=torch.float32, device=self.device)
            for value in (start, ready.observation.offset, np.log(ready.observation.dispersion)))
        for tensor in (self.log_gates, self.log_theta):
            tensor.requires_grad_()
        _check_output(self, settings.latents, told, features)

    def _first_gates(self, ready: Prepared, least: float) -> Any:
        """Return the logarithms of the gates at the start, (M,) or (C, M) of labels; ``least`` is the smallest β."""
        linear, unit = ready.linear, ready.observation.unit**2
        known = np.maximum((linear.labelled if self.labelled else linear.thresholds) / unit, 1e-30)
        gates = np.log(np.maximum(known, _LEAST * least))
        if self.exact:
            # What is not learned may lie anywhere, also below all β of the range.
            first = known[..., :1] if self.labelled else np.maximum(known[:1], linear.collapse / unit)
            gates = np.minimum(np.concatenate([np.log(first), gates[..., 1:]], -1), np.log(first))
        return gates

    def _scale(self, parts: Any) -> None:
        """Let all layers be scaled and shifted by functions of ln β, so that they start as they are."""
        from torch import nn

        layers = [layer for layer in parts.modules() if isinstance(layer, (nn.Linear, nn.modules.conv._ConvNd))]  # pyright: ignore[reportPrivateUsage]
        parts["trunk"] = nn.Sequential(nn.Linear(1, _CODE), nn.SiLU(), nn.Linear(_CODE, _CODE), nn.SiLU())
        parts["films"] = nn.ModuleList(self._film(layer) for layer in layers)

    def _film(self, layer: Any) -> Any:
        import torch
        from torch import nn

        channels = getattr(layer, "out_features", None) or layer.out_channels
        film = nn.Linear(_CODE, 2 * channels)
        for tensor in film.parameters():
            nn.init.zeros_(tensor)

        def scale(module: Any, _given: Any, output: Tensor) -> Tensor:
            # A dense layer puts its channels last, a convolution puts them behind the samples.
            dense, ones = hasattr(module, "out_features"), (1,) * (output.ndim - 2)
            factor, shift = (part.reshape((*ones, -1) if dense else (-1, *ones)) for part in film(self._code).chunk(2))
            return torch.addcmul(output + shift, output, factor)

        layer.register_forward_hook(scale)
        return film

    def weights(self) -> Iterator[tuple[str, Tensor]]:
        """Give the name and the numbers of each weight, and of what each knot adds to it."""
        yield from self.parts.named_parameters()
        for knot in self.knots:
            yield from zip(self._names, knot, strict=True)

    def join(self, last: int, new: int) -> None:
        """Let the knots after ``last`` up to ``new`` begin with its weights."""
        import torch

        with torch.no_grad():
            for knot in self.knots[last + 1 : new + 1]:
                for number, known in zip(knot, self.knots[last], strict=True):
                    number.copy_(known)

    def tell(self, log_beta: float) -> None:
        """Take the weights of a ln β."""
        import torch

        if not self.gated:
            place = (log_beta - self.low) / (self.high - self.low)
            self._code = self.parts["trunk"](torch.full((1,), 2 * place - 1, device=self.device))
        if not self.knots:
            return
        place = float(np.interp(log_beta, self.places, range(len(self.places))))
        first = min(int(place), len(self.knots) - 2)
        along, pair = place - first, zip(self.knots[first], self.knots[first + 1], strict=True)
        self._now = {name: self.parts.get_parameter(name).add(left, alpha=1 - along).add(right, alpha=along)
                     for name, (left, right) in zip(self._names, pair, strict=True)}

    def run(self, part: str, given: Tensor) -> Tensor:
        """Return what a part of the networks makes of its input, with the weights of the ln β that was told."""
        from torch.func import functional_call

        start = f"{part}."
        weights = {name.removeprefix(start): tensor for name, tensor in self._now.items() if name.startswith(start)}
        return functional_call(self.parts.get_submodule(part), weights, (given,))

    def gates(self, log_beta: float, told: Tensor) -> Tensor:
        """Return s² = 1 − β/g_l where that is positive, else 0: (M,), or (B, M) of labels; all 1 without gates."""
        import torch

        if not self.gated:
            return self.log_gates.new_ones(self.log_gates.shape[-1])
        gates = self.log_gates[told.argmax(1)] if self.labelled else self.log_gates
        if self.exact:
            gates = torch.cat([gates[..., :1].detach(), gates[..., 1:]], -1)
        return torch.relu(-torch.expm1(log_beta - gates))

    def bound(self) -> None:
        """Put gates beyond the first back to it where that is full collapse."""
        import torch

        if self.exact:
            with torch.no_grad():
                self.log_gates.copy_(torch.minimum(self.log_gates, self.log_gates[..., :1]))

    def encode(self, inputs: Tensor, told: Tensor, log_beta: float) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance of q(z|x) at a β, (B, M)."""
        import torch

        self.tell(log_beta)
        hidden = self.run("encoder", inputs if self._late else torch.cat([inputs, told], 1)).flatten(1)
        hidden, open_ = torch.cat([hidden, told], 1) if self._late else hidden, self.gates(log_beta, told)
        mean, log_variance = self.run("heads.mean", hidden) * _root(open_), self.run("heads.log_variance", hidden)
        log_variance = log_variance * open_
        if self.gated:
            log_variance = log_variance + torch.log1p(-open_.clamp(max=1 - 1e-6))
        return mean, log_variance

    def decode(self, latents: Tensor, told: Tensor, log_beta: float) -> Tensor:
        """Return the natural parameters of p(x|z), of "gaussian" the means, at the β that was encoded for (B, F)."""
        import torch

        given = torch.cat([latents * _root(self.gates(log_beta, told)), told], 1)
        return self.run("decoder", given).flatten(1) + self.offset

    def terms(self, batch: tuple[Tensor, Tensor, Tensor], log_beta: float, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return −ln p(x|z) (B,) at z = z̄ + √D·noise, and the KL of each latent (B, M), in units of the networks."""
        values, inputs, told = batch
        mean, log_variance = self.encode(inputs, told, log_beta)
        output = self.decode(mean + noise * (log_variance / 2).exp(), told, log_beta)
        spread = self.log_theta
        if "dispersion" in self.parts:
            spread = spread + self._now.get("dispersion.shift", self.parts["dispersion"]["shift"])
        misfit = self.observation.nats(values, output, spread)
        # expm1 keeps the small values exact, which tell collapse.
        return misfit, (mean.square() + log_variance.expm1() - log_variance) / 2

    def state(self) -> dict[str, Any]:
        """Return all numbers that training changes."""
        return {"parts": self.parts.state_dict(), "knots": self.knots.state_dict(),
                "log_gates": self.log_gates.detach().clone(), "log_theta": self.log_theta.detach().clone()}

    def load(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` gave."""
        import torch

        self.parts.load_state_dict(state["parts"])
        self.knots.load_state_dict(state["knots"])
        with torch.no_grad():
            self.log_gates.copy_(state["log_gates"])
            self.log_theta.copy_(state["log_theta"])


def knot_places(low: float, high: float, gates: Floats) -> list[float]:
    """Return where, in ln β, the weights have a value of their own: between two of these places they are interpolated.

    Where a latent closes, the others begin to do its work: a curve bends to where a second one went. So thresholds that
    lie well apart from the one above are knots, and that one too. ``gates`` (M,) or of labels (C, M) are logarithms; of
    labels each has its own, and none of them is a knot.

    >>> [round(place, 2) for place in knot_places(0.0, 3.0, np.array([2.5, 2.0, 1.9, 1.8]))]
    [0.0, 0.67, 1.33, 2.0, 2.5, 3.0]
    """
    found = {low, high}
    if gates.ndim == 1:
        ordered = np.sort(gates[(gates > low + _APART / 2) & (gates < high)])
        wide = np.flatnonzero(np.diff(ordered) > _APART / 2)
        found.update(ordered[np.union1d(wide, wide + 1)].tolist())
    ends = sorted(found)
    return [low, *(float(place) for one, other in pairwise(ends)
                   for place in np.linspace(one, other, 1 + math.ceil((other - one) / _APART))[1:])]


def _root(gates: Tensor) -> Tensor:
    """Return √gates with a gradient of 0, not NaN, where a gate is closed."""
    return (gates + 1e-12).sqrt() * (gates > 0)


def _solve(parts: Any, values: Tensor, told: Tensor) -> None:
    """Make a linear network the exact linear VAE of values (P, F), told (P, C): training alone turns latents slowly.

    What a regression on the condition leaves is encoded, and what it explains is added by the decoder.
    """
    import torch

    known = torch.cat([torch.ones(len(values), 1), told], 1).double()
    fit = (torch.linalg.pinv(known) @ values.double()).float()
    residual, mean, last = values - known.float() @ fit, parts["heads"]["mean"], parts["decoder"][-1]
    count = min(mean.out_features, *values.shape)
    _, lengths, axes = torch.svd_lowrank(residual, min(count + 8, *values.shape), niter=4)
    spread = (lengths[:count] / math.sqrt(len(values))).clamp(min=1e-3 * float(lengths[0]) / math.sqrt(len(values)))
    into = (axes[:, :count] / spread).T
    with torch.no_grad():
        for tensor in (*parts["heads"].parameters(), *last.parameters()):
            tensor.zero_()
        mean.weight[:count] = torch.cat([into, -into @ fit[1:].T], 1)
        mean.bias[:count] = -into @ fit[0]
        last.weight[:, :count] = axes[:, :count] * spread
        last.weight[:, mean.out_features :] = fit[1:].T
        last.bias += fit[0]


def _bodies(ready: Prepared, settings: Settings, features: int, told: int) -> tuple[Any, Any]:
    """Return encoder and decoder, the user's own or a preset."""
    if settings.encoder is not None and settings.decoder is not None:
        return settings.encoder(features + told), settings.decoder(settings.latents + told)
    return preset(ready.shape, settings.hidden, features, settings.latents, told)


def preset(shape: tuple[int, ...] | None, hidden: Sequence[int], features: int, latents: int,
           told: int = 0) -> tuple[Any, Any]:
    """Return encoder and decoder without the heads: convolutions for images of a shape, else dense layers.

    >>> import torch
    >>> [module(torch.zeros(5, size)).shape[1] for module, size in zip(preset(None, (7,), 4, 2), (4, 2))]
    [7, 4]
    """
    if shape is not None:
        return _convolutions(shape, hidden, latents + told)
    from torch import nn

    sizes = [latents + told, *reversed(hidden)]
    return (nn.Sequential(*_dense([features + told, *hidden])),
            nn.Sequential(*_dense(sizes), nn.Linear(sizes[-1], features)))


def _dense(sizes: Sequence[int]) -> list[Any]:
    from torch import nn

    return [layer for pair in pairwise(sizes) for layer in (nn.Linear(*pair), nn.ReLU())]


def _convolutions(shape: tuple[int, ...], channels: Sequence[int], latents: int) -> tuple[Any, Any]:
    """Return the convolutional networks of Ichikawa and Hukushima, arXiv:2309.07663, App. E.2."""
    from torch import nn

    shrink = 2 ** len(channels)
    inner = (channels[-1], shape[1] // shrink, shape[2] // shrink)
    down = [layer for pair in pairwise([shape[0], *channels]) for layer in (nn.Conv2d(*pair, **_KERNEL), nn.ReLU())]
    up = [layer for pair in pairwise([*reversed(channels), shape[0]])
          for layer in (nn.ConvTranspose2d(*pair, **_KERNEL), nn.ReLU())][:-1]
    first = nn.Linear(latents, math.prod(inner))
    return (nn.Sequential(nn.Unflatten(-1, shape), *down, nn.Flatten(-3)),
            nn.Sequential(first, nn.Unflatten(-1, inner), *up, nn.Flatten(-3)))


def _width(encoder: Any, inputs: int) -> int:
    """Return how many numbers an encoder gives for each sample, or raise where it takes none of ours."""
    import torch

    try:
        with torch.no_grad():
            return int(encoder(torch.zeros(2, inputs)).flatten(1).shape[1])
    except (RuntimeError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"an encoder that takes a batch (B, {inputs}) and gives a tensor of B rows",
                         f"one that fails ({str(error).splitlines()[0]})", "look at its first layer") from error


def _check_output(model: Conditioned, latents: int, told: int, features: int) -> None:
    import torch

    try:
        with torch.no_grad():
            model.tell(model.low)
            shape = tuple(model.run("decoder", torch.zeros(2, latents + told, device=model.device)).flatten(1).shape)
    except (RuntimeError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"a decoder that takes a batch (B, {latents + told})",
                         f"one that fails ({str(error).splitlines()[0]})", "look at its first layer") from error
    if shape != (2, features):
        raise InputError(f"a decoder that gives {features} numbers a sample", f"{shape[1]}", "look at its last layer")

