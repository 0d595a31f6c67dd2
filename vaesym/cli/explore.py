"""``vaesym explore``: the exact solution in a browser, as one file."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from vaesym.cli.frame.options import Eta, Json, Overwrite, Raw, Rho
from vaesym.generated.quantities import QUANTITIES
from vaesym.inputs import InputError

Data = Annotated[str | None, typer.Argument(help="file .npy, .npz, .csv, .tsv or IDX (also .gz), one row a sample; or "
                                            "digits, or fashion-mnist", metavar="DATA")]
Output = Annotated[str, typer.Option(help="page to write, .html", metavar="FILE")]
Open = Annotated[bool, typer.Option("--open", help="open it in the browser")]
Alpha = Annotated[float, typer.Option(help=f"where it opens: {QUANTITIES['alpha'][0]}, > 0")]
Beta = Annotated[float, typer.Option(help=f"{QUANTITIES['beta'][0]}, > 0")]
Lam = Annotated[float, typer.Option(help=f"{QUANTITIES['lam'][0]}, >= 0")]
Latents = Annotated[int | None, typer.Option(help="latents of the model; 1 if not given, 10 with DATA")]
Signals = Annotated[int, typer.Option(help="signals in the data")]


def explore(data: Data = None, output: Output = "explore.html", open_it: Open = False, alpha: Alpha = 2.0,
            beta: Beta = 1.0, lam: Lam = 0.1, rho: Rho = 1.0, eta: Eta = 1.0, latents: Latents = None,
            signals: Signals = 1, raw: Raw = False, overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Write a page in which the exact solution runs live: phases, curves, potential, spectrum, training.

    One HTML file, which needs no network; with DATA their spectrum is in it, the data themselves are not.

    Example: vaesym explore digits --output page.html --open
    """
    from vaesym.output import console, print_json
    from vaesym.page import explore as write

    page = write(data, output=output, overwrite=overwrite, latents=latents, signals=signals, raw=raw, alpha=alpha,
                 beta=beta, lam=lam, rho=rho, eta=eta)
    if as_json:
        print_json({"output": str(page)})
    else:
        console().print("Page written to", output, soft_wrap=True)
    if open_it and not webbrowser.open(page.path.as_uri()):
        raise InputError("a browser that can be started", "none", f"open {output} by hand")
