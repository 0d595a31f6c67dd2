"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from vaesym.generated.quantities import QUANTITIES

#: What an axis may be, in words.
GRID = "a number, a list 0.5,1,2 or a range start:stop:count[:log]"
_FILE = "figure (.png, .pdf, .svg) or data (.nc, .csv) to write"
_VARIES = "a number, or a range low:high for the one that varies"


def _number(name: str) -> Any:
    meaning, _, domain, _ = QUANTITIES[name]
    return typer.Option(help=f"{meaning}, {domain}")


def _spec(name: str, more: str = ", likewise", metavar: str = "SPEC") -> Any:
    return typer.Option(help=QUANTITIES[name][0] + more, metavar=metavar)


FiniteAlpha = Annotated[float, _number("alpha")]
Beta = Annotated[float, _number("beta")]
Lam = Annotated[float, _number("lam")]
Rho = Annotated[float, _number("rho")]
Eta = Annotated[float, _number("eta")]
Variance = Annotated[float, _number("decoder_variance")]
Latents = Annotated[int, typer.Option(help="latents of the model")]
Spikes = Annotated[str, typer.Option(help="signals in the data: their number, or their strengths as multiples of rho, "
                                     "e.g. 1,0.5", metavar="NUMBER|LIST")]
Backend = Annotated[str | None, typer.Option(help="where it is computed: numpy (if not given), numba, torch or mpmath",
                                             metavar="NAME")]
Json = Annotated[bool, typer.Option("--json", help="print JSON instead; infinities are written \"inf\" and \"-inf\"")]
Output = Annotated[str | None, typer.Option(help=_FILE, metavar="FILE")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="replace the file if it exists")]
Alpha = Annotated[str, _spec("alpha", ", > 0; inf for unlimited data", "NUMBER")]
AlphaSpec = Annotated[str, _spec("alpha", f": {GRID}; numbers may be inf")]
FiniteAlphaSpec = Annotated[str, _spec("alpha", f": {GRID}")]
BetaSpec = Annotated[str, _spec("beta")]
OwnBetaSpec = Annotated[str, _spec("beta", f": {GRID}")]
BetaSpecOrAll = Annotated[str | None, _spec("beta", f": {GRID}; all of interest if not given")]
LamSpec = Annotated[str, _spec("lam")]
RhoSpec = Annotated[str, _spec("rho")]
EtaSpec = Annotated[str, _spec("eta")]
VarianceSpec = Annotated[str, _spec("decoder_variance")]
AlphaVaries = Annotated[str, _spec("alpha", f": {_VARIES}")]
BetaVaries = Annotated[str, _spec("beta")]
LamVaries = Annotated[str, _spec("lam", ", likewise; > 0 here")]
Raw = Annotated[bool, typer.Option("--raw", help="keep uint8 values, do not scale them to [0, 1]")]
# Of other objectives and models than the plain one.
TargetKl = Annotated[float | None, typer.Option(help="total KL in nats that you aim at: the beta for it, and what "
                                                "capacity annealing does", metavar="NATS")]
FreeBits = Annotated[float | None, typer.Option(help="nats of each latent that cost nothing", metavar="NATS")]
NoiseScale = Annotated[float, typer.Option(help="s of a sampling z = mu + s*sigma*eps, up to 1.414", metavar="S")]
Condition = Annotated[str | None, typer.Option(help="what a conditional VAE is given: a file with a label, or numbers, "
                                               "for each sample", metavar="FILE")]
Groups = Annotated[str | None, typer.Option(help="of categorical: the number of columns of each one-hot group, e.g. "
                                            "3,5,2, or the size of all; codes 0, 1, … if not given", metavar="LIST")]
Standardise = Annotated[bool, typer.Option("--standardise", help="divide each column by its standard deviation")]
Sigma = Annotated[float | None, typer.Option(help="standard deviation of the decoder in your loss, whose weight is "
                                             "then 1/(2 sigma^2)", metavar="SIGMA")]
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
