"""Options of ``vaesym advise`` about other objectives and models than the plain one."""

from __future__ import annotations

from typing import Annotated

import typer

from vaesym.inputs import InputError

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


def shape_of(text: str | None) -> tuple[int, ...] | None:
    """Return the sizes that a text names.

    Raises
    ------
    vaesym.InputError
        Anything but whole numbers with x between them.

    Examples
    --------
    >>> shape_of("1x28x28")
    (1, 28, 28)
    """
    if text is None:
        return None
    sizes = text.lower().split("x")
    if not all(size.isascii() and size.isdigit() for size in sizes):
        raise InputError("--shape as whole numbers, e.g. 1x28x28", repr(text), "give channels x height x width")
    return tuple(map(int, sizes))


def groups_of(text: str | None) -> list[int] | int | None:
    """Return the sizes of one-hot groups that a text names, one for all as a number.

    Raises
    ------
    vaesym.InputError
        Anything but whole numbers with commas between them.

    Examples
    --------
    >>> groups_of("3,5"), groups_of("4")
    ([3, 5], 4)
    """
    if text is None:
        return None
    try:
        sizes = [int(word) for word in text.split(",")]
    except ValueError as error:
        raise InputError("groups as whole numbers with commas between, e.g. 3,5,2", f"{text!r}",
                         "give the number of columns of each one-hot group") from error
    return sizes[0] if len(sizes) == 1 else sizes
