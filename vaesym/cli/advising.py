"""``vaesym advise``: advice on data, before training."""

from __future__ import annotations

from typing import Annotated

import typer

from vaesym.cli.options import Json, Overwrite


def advise(data: Annotated[str, typer.Argument(help="file .npy, .npz, .csv or IDX (also .gz), one row a sample; or "
                                               "digits, or fashion-mnist", metavar="DATA")],
           latents: Annotated[int | None, typer.Option(help="latents of the model; 10 if not given")] = None,
           beta: Annotated[float | None, typer.Option(help="weight of the KL term in your loss")] = None,
           raw: Annotated[bool, typer.Option("--raw", help="keep uint8 values, do not scale them to [0, 1]")] = False,
           reconstruction: Annotated[str, typer.Option(help="how your loss reduces the squared error over features: "
                                                       "sum or mean", metavar="HOW")] = "sum",
           kl: Annotated[str, typer.Option(help="how it reduces the KL over latents: sum or mean",
                                           metavar="HOW")] = "sum",
           reconstruction_weight: Annotated[float, typer.Option(help="weight of the squared error")] = 0.5,
           noise: Annotated[str, typer.Option(help="noise level from the median eigenvalue, or from those beyond a "
                                              "share of the variance, e.g. 0.9", metavar="HOW")] = "median",
           center: Annotated[bool, typer.Option("--center/--no-center", help="subtract the mean")] = True,
           plot: Annotated[str | None, typer.Option(help="also draw a figure: .png, .pdf or .svg",
                                                    metavar="FILE")] = None,
           overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Tell before training at which beta each latent collapses on your data.

    Example: vaesym advise digits --latents 2 --beta 170 --plot advice.png
    """
    from vaesym.advisor.command import run

    run(data, latents=latents, beta=beta, raw=raw, reconstruction=reconstruction, kl=kl,
        reconstruction_weight=reconstruction_weight, noise=noise, center=center, as_json=as_json, plot=plot,
        overwrite=overwrite)
