"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

_GRID = "a number, a list 0.5,1,2 or a range start:stop:count[:log]"
_FILE = "figure (.png, .pdf, .svg) or data (.nc, .csv) to write"
_VARIES = "a number, or a range low:high for the one that varies"

Lam = Annotated[float, typer.Option(help="weight decay of decoder and encoder, >= 0")]
Rho = Annotated[float, typer.Option(help="strength of the signal, > 0")]
Eta = Annotated[float, typer.Option(help="strength of the noise, > 0")]
Latents = Annotated[int, typer.Option(help="latents of the model")]
Spikes = Annotated[str, typer.Option(help="signals in the data: their number, or their strengths as multiples of rho, "
                                     "e.g. 1,0.5", metavar="NUMBER|LIST")]
Backend = Annotated[str | None, typer.Option(help="where it is computed: numpy (if not given), numba, torch or mpmath",
                                             metavar="NAME")]
Json = Annotated[bool, typer.Option("--json", help="print JSON instead; infinities are written \"inf\" and \"-inf\"")]
Output = Annotated[str | None, typer.Option(help=_FILE, metavar="FILE")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="replace the file if it exists")]
Alpha = Annotated[str, typer.Option(help="samples per dimension P/N, > 0; inf for unlimited data", metavar="NUMBER")]
AlphaSpec = Annotated[str, typer.Option(help=f"samples per dimension P/N: {_GRID}; numbers may be inf", metavar="SPEC")]
FiniteAlphaSpec = Annotated[str, typer.Option(help="samples per dimension P/N: " + _GRID, metavar="SPEC")]
BetaSpec = Annotated[str, typer.Option(help="weight of the KL term, likewise", metavar="SPEC")]
BetaSpecOrAll = Annotated[str | None, typer.Option(help=f"weight of the KL term: {_GRID}; all of interest if not "
                                                   "given", metavar="SPEC")]
LamSpec = Annotated[str, typer.Option(help="weight decay, likewise", metavar="SPEC")]
RhoSpec = Annotated[str, typer.Option(help="strength of the signal, likewise", metavar="SPEC")]
EtaSpec = Annotated[str, typer.Option(help="strength of the noise, likewise", metavar="SPEC")]
VarianceSpec = Annotated[str, typer.Option(help="variance of the decoder, likewise", metavar="SPEC")]
AlphaVaries = Annotated[str, typer.Option(help=f"samples per dimension P/N: {_VARIES}", metavar="SPEC")]
BetaVaries = Annotated[str, typer.Option(help="weight of the KL term, likewise", metavar="SPEC")]
LamVaries = Annotated[str, typer.Option(help="weight decay, likewise; > 0 here", metavar="SPEC")]
