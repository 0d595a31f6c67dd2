"""Commands that draw: ``vaesym phase | curve | rd | kl | optimal-beta | plateau | spectrum | bifurcation``."""

from __future__ import annotations

from typing import Annotated

import typer

from vaesym.cli.options import (
    AlphaSpec,
    AlphaVaries,
    BetaSpec,
    BetaSpecOrAll,
    BetaVaries,
    Eta,
    EtaSpec,
    FiniteAlpha,
    FiniteAlphaSpec,
    Json,
    Lam,
    LamSpec,
    LamVaries,
    Output,
    Overwrite,
    Rho,
    RhoSpec,
)

_ALPHA = "0.05:100:400:log"


def phase(lam: Lam, output: Output = None, rho: Rho = 1.0, eta: Eta = 1.0, alpha: FiniteAlphaSpec = "0.05:50:200:log",
          beta: BetaSpec = "0.02:3:200", overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Draw the phase diagram over alpha and beta.

    Example: vaesym phase --lam 0.1 --output phases.png
    """
    from vaesym.cli import drawing
    from vaesym.cli.specs import axis

    drawing.phase(axis("alpha", alpha), axis("beta", beta), lam=lam, rho=rho, eta=eta, output=output,
                  overwrite=overwrite, as_json=as_json)


def curve(beta: BetaSpec, lam: LamSpec, output: Output = None, rho: Rho = 1.0, eta: Eta = 1.0,
          alpha: AlphaSpec = _ALPHA, overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Draw learning curves, one for each beta and lam: signal recovery error over alpha.

    Example: vaesym curve --beta 1 --lam 0,0.1,1 --output curve.png
    """
    from vaesym.cli import drawing
    from vaesym.cli.specs import axis

    drawing.curve(axis("alpha", alpha), axis("beta", beta), axis("lam", lam), rho=rho, eta=eta, output=output,
                  overwrite=overwrite, as_json=as_json)


def rd(alpha: AlphaSpec, lam: Lam = 0.0, output: Output = None, rho: Rho = 1.0, eta: Eta = 1.0,
       beta: BetaSpecOrAll = None, overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Draw rate against distortion, fresh data and training set, a curve for each alpha.

    Example: vaesym rd --alpha 2,5,100,inf --lam 0.1 --output rd.png
    """
    from vaesym.cli import drawing
    from vaesym.cli.specs import axis

    drawing.rd(axis("alpha", alpha), None if beta is None else axis("beta", beta), lam=lam, rho=rho, eta=eta,
               output=output, overwrite=overwrite, as_json=as_json)


def kl(beta: BetaSpec, lam: Lam, output: Output = None, rho: Rho = 1.0, eta: Eta = 1.0, alpha: AlphaSpec = _ALPHA,
       overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Draw the KLs between encoder and posterior, and the rate, over the longer of alpha and beta.

    Example: vaesym kl --beta 0.5,1,1.5 --lam 1 --output kl.png
    """
    from vaesym.cli import drawing
    from vaesym.cli.specs import axis

    drawing.kl(axis("alpha", alpha), axis("beta", beta), lam=lam, rho=rho, eta=eta, output=output, overwrite=overwrite,
               as_json=as_json)


def optimal_beta(lam: LamSpec, output: Output = None, rho: Rho = 1.0, eta: Eta = 1.0, alpha: AlphaSpec = _ALPHA,
                 overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Draw the beta that recovers the signal best, and the error it attains, over alpha.

    Example: vaesym optimal-beta --lam 0,0.1,1 --output best.png
    """
    from vaesym.cli import drawing
    from vaesym.cli.specs import axis

    drawing.optimal_beta(axis("alpha", alpha), axis("lam", lam), rho=rho, eta=eta, output=output, overwrite=overwrite,
                         as_json=as_json)


def plateau(lam: LamSpec, output: Output = None, rho: Rho = 1.0, eta: Eta = 1.0, beta: BetaSpecOrAll = None,
            overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Draw up to which alpha a latent stays collapsed, over beta.

    Example: vaesym plateau --lam 0.1,1,3 --output plateau.png
    """
    from vaesym.cli import drawing
    from vaesym.cli.specs import axis

    drawing.plateau(None if beta is None else axis("beta", beta), axis("lam", lam), rho=rho, eta=eta, output=output,
                    overwrite=overwrite, as_json=as_json)


def spectrum(alpha: FiniteAlpha, output: Output = None,
             rho: Rho = 1.0, eta: Eta = 1.0,
             dimension: Annotated[int | None, typer.Option(help="also draw a sample of so many dimensions")] = None,
             seed: Annotated[int, typer.Option(help="random seed of the sample")] = 0,
             overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Draw the spectrum of the data: law of the noise and outlier, over a sample if told.

    Example: vaesym spectrum --alpha 4 --dimension 1000 --output spectrum.png
    """
    from vaesym.cli import drawing

    drawing.spectrum(alpha, rho=rho, eta=eta, dimension=dimension, seed=seed, output=output, overwrite=overwrite,
                     as_json=as_json)


def bifurcation(alpha: AlphaVaries, beta: BetaVaries, lam: LamVaries, output: Output = None, rho: RhoSpec = "1",
                eta: EtaSpec = "1", overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Follow all states of the replica equations over one parameter, given as low:high.

    Example: vaesym bifurcation --alpha 0.3 --beta 0.02:0.2 --lam 0.8 --eta 0.4 --output states.png
    """
    from vaesym.cli import drawing

    drawing.bifurcation({"alpha": alpha, "beta": beta, "lam": lam, "rho": rho, "eta": eta}, output=output,
                        overwrite=overwrite, as_json=as_json)
