"""Options of ``vaesym advise`` about other objectives and models than the plain one."""

from __future__ import annotations

from typing import Annotated

import typer

TargetKl = Annotated[float | None, typer.Option(help="total KL in nats that you aim at: the beta for it, and what "
                                                "capacity annealing does", metavar="NATS")]
FreeBits = Annotated[float | None, typer.Option(help="nats of each latent that cost nothing", metavar="NATS")]
NoiseScale = Annotated[float, typer.Option(help="s of a sampling z = mu + s*sigma*eps, up to 1.414", metavar="S")]
Condition = Annotated[str | None, typer.Option(help="what a conditional VAE is given: a file with a label, or numbers, "
                                               "for each sample", metavar="FILE")]
Standardise = Annotated[bool, typer.Option("--standardise", help="divide each column by its standard deviation")]
Sigma = Annotated[float | None, typer.Option(help="standard deviation of the decoder in your loss, in place of "
                                             "--reconstruction-weight: its weight is 1/(2 sigma^2)", metavar="SIGMA")]
BatchFactor = Annotated[float, typer.Option(help="the batch size if the KL is summed over the batch and the "
                                            "reconstruction averaged; 1/batch size the other way round", metavar="B")]
KlHalf = Annotated[bool, typer.Option("--kl-half/--no-kl-half", help="whether your KL has its factor 1/2")]
Shape = Annotated[str | None, typer.Option(help="of one sample, e.g. 1x28x28, if the encoder of --model wants images",
                                           metavar="CxHxW")]
