"""``vaesym advise``: advice on data, before training."""

from __future__ import annotations

from typing import Annotated

import typer

from vaesym.cli.options import Json, Overwrite


def advise(data: Annotated[str, typer.Argument(help="file .npy, .npz, .csv, .tsv or IDX (also .gz), one row a sample; "
                                               "or digits, or fashion-mnist", metavar="DATA")],
           latents: Annotated[int | None, typer.Option(help="latents of the model; 10 if not given")] = None,
           beta: Annotated[float | None, typer.Option(help="weight of the KL term in your loss")] = None,
           raw: Annotated[bool, typer.Option("--raw", help="keep uint8 values, do not scale them to [0, 1]")] = False,
           header: Annotated[bool | None, typer.Option("--header/--no-header", help="whether the first row of a table "
                                                       "in text names its columns; judged if not given")] = None,
           index: Annotated[bool | None, typer.Option("--index/--no-index", help="whether its first column names the "
                                                      "rows; judged if not given")] = None,
           reconstruction: Annotated[str, typer.Option(help="how your loss reduces the reconstruction term over "
                                                       "features: sum or mean", metavar="HOW")] = "sum",
           kl: Annotated[str, typer.Option(help="how it reduces the KL over latents: sum or mean",
                                           metavar="HOW")] = "sum",
           reconstruction_weight: Annotated[float | None, typer.Option(
               help="weight of that term; if not given 0.5 for a squared error, 1 for cross-entropy")] = None,
           likelihood: Annotated[str, typer.Option(help="gaussian for a squared error, bernoulli for binary "
                                                   "cross-entropy: then only where everything collapses",
                                                   metavar="NAME")] = "gaussian",
           noise: Annotated[str, typer.Option(help="noise level from the median eigenvalue, from the trace, or from "
                                              "those beyond a share of the variance, e.g. 0.9",
                                              metavar="HOW")] = "median",
           center: Annotated[bool, typer.Option("--center/--no-center", help="subtract the mean")] = True,
           intervals: Annotated[str, typer.Option(help="95 % intervals: bootstrap (any data), spiked (Gaussian "
                                                  "signals on white noise) or none", metavar="HOW")] = "bootstrap",
           seed: Annotated[int, typer.Option(help="of what is drawn for the intervals")] = 0,
           solver: Annotated[str, typer.Option(help="full (covariance, all eigenvalues), top (leading ones, by passes "
                                               "over the data) or auto (by size)", metavar="NAME")] = "auto",
           fail_on_collapse: Annotated[bool, typer.Option("--fail-on-collapse", help="exit with code 3 if --beta "
                                                          "collapses latents")] = False,
           allow_collapsed: Annotated[int, typer.Option(help="so many may, before that is a failure")] = 0,
           model: Annotated[str | None, typer.Option(help="your trained model as MODULE:NAME or FILE.py:NAME, with "
                                                     "encode(x) and decode(z): would it use one more latent?",
                                                     metavar="NAME")] = None,
           plot: Annotated[str | None, typer.Option(help="also draw a figure: .png, .pdf or .svg",
                                                    metavar="FILE")] = None,
           overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Tell before training at which beta each latent collapses on your data.

    Files .npy are read in chunks and may be larger than memory. Intervals say where another data set of this kind and
    size would put a number.

    Exit codes: 0 done; 2 bad input; 3 --beta collapses more latents than allowed (all, with --likelihood bernoulli),
    with --fail-on-collapse; 130 interrupted.

    Example: vaesym advise digits --latents 2 --beta 170 --plot advice.png
    """
    from vaesym.cli.advise import run

    code = run(data, latents=latents, beta=beta, raw=raw, reconstruction=reconstruction, kl=kl,
               reconstruction_weight=reconstruction_weight, noise=noise, center=center, as_json=as_json, plot=plot,
               overwrite=overwrite, intervals=intervals, seed=seed, solver=solver, fail_on_collapse=fail_on_collapse,
               allow_collapsed=allow_collapsed, model=model, likelihood=likelihood, header=header,
               index=index)
    if code:
        raise typer.Exit(code)
