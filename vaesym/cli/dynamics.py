"""Commands of training in time: ``vaesym dynamics | online``."""

from __future__ import annotations

from typing import Annotated

import typer

import vaesym
from vaesym.cli.figures import Drawn, axes_of, drawn
from vaesym.cli.frame import options
from vaesym.cli.frame.options import Eta, Rho

_TIME = "a range start:stop:count[:log] or a list, from 0 or later"
Time = Annotated[str, typer.Option(help=f"epochs times rate of the descent: {_TIME}", metavar="SPEC")]
Steps = Annotated[str, typer.Option(help=f"steps per dimension: {_TIME}", metavar="SPEC")]
Decoder = Annotated[float, typer.Option(help="variance of the random part of the decoder at the start, >= 0")]
Encoder = Annotated[float, typer.Option(help="variance of the random encoder at the start, >= 0")]
Signal = Annotated[float, typer.Option(help="overlap of the decoder with the signal at the start")]
Spread = Annotated[float, typer.Option(help="posterior variance D at the start, > 0")]
Rate = Annotated[float, typer.Option(help="learning rate of the weights, > 0")]
VarianceRate = Annotated[float, typer.Option(help="learning rate of the posterior variance, > 0")]
Schedule = Annotated[str | None, typer.Option(
    help="annealing of beta: linear:LENGTH, tanh:LENGTH or cyclical:LENGTH", metavar="NAME:LENGTH")]
Averaged = Annotated[bool, typer.Option("--averaged", help="average over the latent in training, do not sample it")]


@drawn
def dynamics(*, alpha: options.AlphaSpec, beta: options.BetaSpec, lam: options.Lam, rho: Rho = 1.0, eta: Eta = 1.0,
             time: Time = "0:40:401", signal: Signal = 0.1, decoder: Decoder = 0.1, encoder: Encoder = 0.1,
             variance: Spread = 1.0) -> Drawn:
    """Draw how gradient flow on the training set goes, exactly, at any number of samples.

    Example: vaesym dynamics --alpha 2 --beta 0.3 --lam 0.2 --output flow.png
    """
    from vaesym.cli.frame.specs import values

    start = {"signal": signal, "decoder": decoder, "encoder": encoder, "D": variance}
    dataset = vaesym.gradient_flow(values("time", time), **axes_of(1000, alpha=alpha, beta=beta), lam=lam, rho=rho,
                                   eta=eta, start=start)
    return Drawn(dataset, vaesym.plot.training, "gradient flow")


@drawn
def online(*, beta: options.OwnBetaSpec, lam: options.Lam = 0.0, rho: Rho = 1.0, eta: Eta = 1.0,
           time: Steps = "0:100:401", rate: Rate = 0.2, variance_rate: VarianceRate = 0.2, signal: Signal = 0.1,
           decoder: Decoder = 0.1, encoder: Encoder = 0.1, variance: Spread = 1.0, schedule: Schedule = None,
           averaged: Averaged = False) -> Drawn:
    """Draw how stochastic gradient descent on fresh data goes, each sample used once.

    Example: vaesym online --beta 0.5,1,1.5 --schedule linear:20 --output online.png
    """
    from vaesym import inputs
    from vaesym.cli.frame.specs import values

    norms = [float(inputs.non_negative(name, value)) for name, value in (("decoder", decoder), ("encoder", encoder))]
    start = {"Q": signal**2 + norms[0], "E": norms[1], "R": 0.0, "m": signal, "d": 0.0, "D": variance}
    dataset = vaesym.online_dynamics(values("time", time), **axes_of(1000, beta=beta), lam=lam, rho=rho, eta=eta,
                                     rate=rate, variance_rate=variance_rate, start=start, sampled=not averaged,
                                     schedule=schedule)
    remarks = [f"collapse grows or decays at the rate {rate * float(vaesym.growth_rate(rho + eta, b, decay=lam)):.4g} "
               f"at beta = {b:g}" for b in dataset.beta.values.ravel()[:8]]
    return Drawn(dataset, vaesym.plot.training, "one pass of stochastic gradient descent", remarks)
