"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from vaesym.generated.quantities import QUANTITIES

_GRID = "a number, a list 0.5,1,2 or a range start:stop:count[:log]"
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
AlphaSpec = Annotated[str, _spec("alpha", f": {_GRID}; numbers may be inf")]
FiniteAlphaSpec = Annotated[str, _spec("alpha", f": {_GRID}")]
BetaSpec = Annotated[str, _spec("beta")]
OwnBetaSpec = Annotated[str, _spec("beta", f": {_GRID}")]
BetaSpecOrAll = Annotated[str | None, _spec("beta", f": {_GRID}; all of interest if not given")]
LamSpec = Annotated[str, _spec("lam")]
RhoSpec = Annotated[str, _spec("rho")]
EtaSpec = Annotated[str, _spec("eta")]
VarianceSpec = Annotated[str, _spec("decoder_variance")]
AlphaVaries = Annotated[str, _spec("alpha", f": {_VARIES}")]
BetaVaries = Annotated[str, _spec("beta")]
LamVaries = Annotated[str, _spec("lam", ", likewise; > 0 here")]


class Interrupted(Exception):
    """Work was interrupted by the user; the text says how it goes on."""
