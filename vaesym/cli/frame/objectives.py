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
Groups = Annotated[str | None, typer.Option(help="of categorical: the number of columns of each one-hot group, e.g. "
                                            "3,5,2, or the size of all; codes 0, 1, … if not given", metavar="LIST")]
Standardise = Annotated[bool, typer.Option("--standardise", help="divide each column by its standard deviation")]
Sigma = Annotated[float | None, typer.Option(help="standard deviation of the decoder in your loss, in place of "
                                             "--reconstruction-weight: its weight is 1/(2 sigma^2)", metavar="SIGMA")]
BatchFactor = Annotated[float, typer.Option(help="the batch size if the KL is summed over the batch and the "
                                            "reconstruction averaged; 1/batch size the other way round", metavar="B")]
KlHalf = Annotated[bool, typer.Option("--kl-half/--no-kl-half", help="whether your KL has its factor 1/2")]
Shape = Annotated[str | None, typer.Option(help="of one sample, e.g. 1x28x28, if the encoder of --model wants images",
                                           metavar="CxHxW")]


def groups_of(text: str | None) -> list[int] | int | None:
    """Return the sizes of one-hot groups that a text names, one for all as a number.

    >>> groups_of("3,5"), groups_of("4")
    ([3, 5], 4)
    """
    from vaesym.cli.frame.specs import sizes

    found = sizes("groups", text, "3,5,2")
    return None if found is None else found[0] if len(found) == 1 else list(found)
