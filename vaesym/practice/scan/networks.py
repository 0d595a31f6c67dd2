"""Networks that hold for all β at once: presets or the user's own, scaled and shifted by ln β, behind gates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from vaesym.inputs import InputError

if TYPE_CHECKING:
    from torch import Tensor

    from vaesym.practice.scan.prepared import Prepared
    from vaesym.practice.scan.settings import Settings

#: Width of the small network that turns ln β into scales and shifts.
_CODE = 32
#: Rank of what ln β adds to the weights of a dense layer, of those with at least so many numbers in and out.
_RANK, _WIDE = 16, 64
#: Of each convolution, in both directions: it halves an image, or doubles it.
_KERNEL: dict[str, Any] = {"kernel_size": 4, "stride": 2, "padding": 1}
#: A gate starts no lower than so many times the smallest β: the gradient of a closed gate is 0.
_LEAST = 1.2


class Conditioned:
    r"""A VAE whose networks are told ln β, and whose latents close where a learned threshold g_l is passed.

    With s_l = √(1 − β/g_l)₊ the posterior and the decoder's input are

    .. math:: \bar z_l = s_l\,m_l(x),\quad \ln D_l = \ln(1-s_l^2) + s_l^2\,c_l(x),\quad s_l z_l,

    and every layer h = Wx + w becomes (h + U diag(v(ln β)) Vx)·(1 + a(ln β)) + b(ln β), with U and V of low rank, only
    of wide dense layers. The global minimum of the linear VAE at λ = 0 is of this form with m linear, c = a = b = 0,
    U = 0 and g_l the eigenvalues of the covariance. There the gates start and, with squared error and a dense preset,
    the networks too. With squared error g_1 stays: full collapse is stable above λ_max(Cov x), and not below, whatever
    the network.

    Source: new; theory, sections 3, 4 and 10. Scale and shift: Perez et al., arXiv:1709.07871; for rate–distortion
    curves of VAEs: Bae et al., arXiv:2212.03905; low rank: Hu et al., arXiv:2106.09685.
    """

    def __init__(self, ready: Prepared, settings: Settings, log_range: tuple[float, float], seed: int) -> None:
        import torch
        from torch import nn

        self.device, self.gated, self.low, self.high = settings.device, settings.gated, *log_range
        self.observation, self._code = ready.observation, None
        # Where the linear theory of full collapse holds for the networks as it stands.
        self.exact = ready.linear.gaussian and not ready.condition.shape[1] and settings.encoder is None
        features, told = ready.values.shape[1], ready.condition.shape[1]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            encoder, decoder = _bodies(ready, settings, features, told)
            # The presets for images look at the image alone; what else is told joins before the heads.
            self._late = ready.shape is not None
            width = _width(encoder, features + (0 if self._late else told)) + (told if self._late else 0)
            heads = nn.ModuleDict({name: nn.Linear(width, settings.latents) for name in ("mean", "log_variance")})
            trunk = nn.Sequential(nn.Linear(1, _CODE), nn.SiLU(), nn.Linear(_CODE, _CODE), nn.SiLU())
            parts = nn.ModuleDict({"encoder": encoder, "heads": heads, "decoder": decoder, "trunk": trunk})
            if self.gated and self.exact and not self._late and min(settings.hidden, default=0) >= 4:
                _start(parts, torch.as_tensor(ready.values[ready.training]), min(settings.hidden))
            films = [self._scaled(layer) for name in ("encoder", "heads", "decoder") for layer in parts[name].modules()
                     if isinstance(layer, (nn.Linear, nn.modules.conv._ConvNd))]  # pyright: ignore[reportPrivateUsage]
            parts["films"] = nn.ModuleList(films)
            if settings.likelihood == "negative_binomial":
                # The more is explained, the less is left to the dispersion: one for all β would keep latents alive.
                parts["dispersion"] = nn.Linear(_CODE, features)
                nn.init.zeros_(cast("Any", parts["dispersion"].weight))
                nn.init.zeros_(cast("Any", parts["dispersion"].bias))
        self.parts: Any = parts.to(self.device)
        least = math.exp(log_range[0])
        unit = ready.observation.unit**2
        start = np.log(np.maximum(ready.linear.thresholds / unit, _LEAST * least))
        self.log_gates, self.offset, self.log_theta = (
            torch.tensor(value, dtype=torch.float32, device=self.device)
            for value in (start, ready.observation.offset, np.log(ready.observation.dispersion)))
        for tensor in (self.log_gates, self.log_theta):
            tensor.requires_grad_()
        _check_output(self, settings.latents, told, features)

    def _scaled(self, layer: Any) -> Any:
        """Let a layer depend on ln β, so that it starts as it is."""
        import torch
        from torch import nn

        channels = getattr(layer, "out_features", None) or layer.out_channels
        film: Any = nn.ModuleDict({"scale": nn.Linear(_CODE, 2 * channels)})
        wide = min(channels, getattr(layer, "in_features", 0)) >= _WIDE
        if wide:
            film.update({"into": nn.Linear(layer.in_features, _RANK, bias=False), "by": nn.Linear(_CODE, _RANK),
                         "out": nn.Linear(_RANK, channels, bias=False)})
            nn.init.normal_(film["by"].weight, std=0.3)
            nn.init.zeros_(film["out"].weight)
        for tensor in film["scale"].parameters():
            nn.init.zeros_(tensor)

        def scale(module: Any, given: tuple[Tensor], output: Tensor) -> Tensor:
            # A layer puts its channels last, a convolution puts them behind the samples.
            ones = (1,) * (output.ndim - 2)
            dense = hasattr(module, "out_features")
            factor, shift = (part.reshape((len(part), *ones, -1) if dense else (len(part), -1, *ones))
                             for part in film["scale"](self._code).chunk(2, -1))
            if wide:
                size = film["by"](self._code).reshape(len(output), *ones, -1)
                output = output + film["out"](size * film["into"](given[0]))
            return torch.addcmul(output + shift, output, factor)

        layer.register_forward_hook(scale)
        return film

    def tell(self, log_beta: Tensor) -> None:
        """Tell the layers ln β of each sample (B,)."""
        self._code = self.parts["trunk"](2 * (log_beta[:, None] - self.low) / (self.high - self.low) - 1)

    def gates(self, log_beta: Tensor) -> Tensor:
        """Return s² = 1 − β/g_l where that is positive, else 0, (B, M); all 1 without gates."""
        import torch

        if not self.gated:
            return torch.ones_like(log_beta[:, None] - self.log_gates)
        gates = torch.cat([self.log_gates[:1].detach(), self.log_gates[1:]]) if self.exact else self.log_gates
        return torch.relu(-torch.expm1(log_beta[:, None] - gates))

    def encode(self, inputs: Tensor, told: Tensor, log_beta: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance of q(z|x) at each sample's β, (B, M)."""
        import torch

        self.tell(log_beta)
        hidden = self.parts["encoder"](inputs if self._late else torch.cat([inputs, told], 1)).flatten(1)
        hidden = torch.cat([hidden, told], 1) if self._late else hidden
        heads, open_ = self.parts["heads"], self.gates(log_beta)
        mean, log_variance = heads["mean"](hidden) * _root(open_), heads["log_variance"](hidden) * open_
        if self.gated:
            log_variance = log_variance + torch.log1p(-open_.clamp(max=1 - 1e-6))
        return mean, log_variance

    def decode(self, latents: Tensor, told: Tensor, log_beta: Tensor) -> Tensor:
        """Return the natural parameters of p(x|z), of "gaussian" the means, at the β that was encoded for (B, F)."""
        import torch

        given = torch.cat([latents * _root(self.gates(log_beta)), told], 1)
        return self.parts["decoder"](given).flatten(1) + self.offset

    def terms(self, batch: tuple[Tensor, Tensor, Tensor], log_beta: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Return −ln p(x|z) (B,) at z = z̄ + √D·noise, and the KL of each latent (B, M), in units of the networks."""
        values, inputs, told = batch
        mean, log_variance = self.encode(inputs, told, log_beta)
        output = self.decode(mean + noise * (log_variance / 2).exp(), told, log_beta)
        spread = self.log_theta
        if "dispersion" in self.parts:
            spread = spread + self.parts["dispersion"](self._code)
        misfit = self.observation.nats(values, output, spread)
        # expm1 keeps the small values exact, which tell collapse.
        return misfit, (mean.square() + log_variance.expm1() - log_variance) / 2

    def state(self) -> dict[str, Any]:
        """Return all numbers that training changes."""
        return {"parts": self.parts.state_dict(), "log_gates": self.log_gates.detach().clone(),
                "log_theta": self.log_theta.detach().clone()}

    def load(self, state: dict[str, Any]) -> None:
        """Take over what :meth:`state` gave."""
        import torch

        self.parts.load_state_dict(state["parts"])
        with torch.no_grad():
            self.log_gates.copy_(state["log_gates"])
            self.log_theta.copy_(state["log_theta"])


def _root(gates: Tensor) -> Tensor:
    """Return √gates with a gradient of 0, not NaN, where a gate is closed."""
    return (gates + 1e-12).sqrt() * (gates > 0)


def _start(parts: Any, values: Tensor, width: int) -> None:
    """Make dense networks the exact linear VAE of centred training values (P, F), up to half of their hidden units.

    A linear function is the difference of two rectified ones: hidden units l and K + l are ±u_l·x/√Λ_l, of the decoder
    ±z_l, and carry the first K latents; no other unit acts at first.
    """
    import torch
    from torch import nn

    count = min(parts["heads"]["mean"].out_features, width // 4, *values.shape)
    _, lengths, axes = torch.svd_lowrank(values, min(count + 8, *values.shape), niter=4)
    spread = (lengths[:count] / math.sqrt(len(values))).clamp(min=1e-3 * float(lengths[0]) / math.sqrt(len(values)))
    both = torch.cat([torch.eye(count), -torch.eye(count)])
    first, *others = (layer for layer in parts["encoder"] if isinstance(layer, nn.Linear))
    second, *more, last = (layer for layer in parts["decoder"] if isinstance(layer, nn.Linear))
    with torch.no_grad():
        for layer, rows in ((first, both @ (axes[:, :count] / spread).T), (second, both),
                            *((layer, torch.eye(2 * count)) for layer in (*others, *more))):
            layer.weight[: 2 * count] = 0.0
            layer.weight[: 2 * count, : rows.shape[1]] = rows
            layer.bias[: 2 * count] = 0.0
        for layer, columns in ((parts["heads"]["mean"], both.T), (parts["heads"]["log_variance"], 0 * both.T),
                               (last, axes[:, :count] * spread @ both.T)):
            layer.weight[: len(columns)] = 0.0
            layer.weight[: len(columns), : 2 * count] = columns
            layer.bias[: len(columns)] = 0.0


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
    return (nn.Sequential(nn.Unflatten(-1, shape), *down, nn.Flatten()),
            nn.Sequential(first, nn.Unflatten(-1, inner), *up, nn.Flatten()))


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
            model.tell(torch.zeros(2, device=model.device))
            shape = tuple(model.parts["decoder"](torch.zeros(2, latents + told, device=model.device)).flatten(1).shape)
    except (RuntimeError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"a decoder that takes a batch (B, {latents + told})",
                         f"one that fails ({str(error).splitlines()[0]})", "look at its first layer") from error
    if shape != (2, features):
        raise InputError(f"a decoder that gives {features} numbers a sample", f"{shape[1]}", "look at its last layer")

