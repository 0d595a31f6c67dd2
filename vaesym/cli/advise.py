"""``vaesym advise``: advice on data before training, as a report, as JSON, or as a figure."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from vaesym import inputs
from vaesym.cli.frame import options as asked
from vaesym.cli.frame.options import Json, Overwrite, Raw
from vaesym.inputs import InputError

if TYPE_CHECKING:
    from vaesym.practice.advice.result import Advice
    from vaesym.practice.data.decomposition import Solver
    from vaesym.practice.data.readers import Loaded
    from vaesym.practice.models import OneMore
    from vaesym.practice.scale import LossScale, Reduction

#: Endings of the figures that can be written.
FIGURES = (".png", ".pdf", ".svg")
#: Exit code for a loss that collapses more latents than the user allows.
COLLAPSED = 3

#: What the help puts together; switches apart, as their second name makes the table narrow.
PANELS = {
    "Your loss": ("reconstruction", "reconstruction_weight", "sigma", "kl", "batch_factor", "likelihood", "dispersion",
                  "groups"),
    "Other objectives and models": ("target_kl", "free_bits", "noise_scale", "condition", "model", "shape"),
    "How it is computed": ("noise", "intervals", "seed", "solver"),
    "Switches": ("raw", "standardise", "center", "kl_half", "header", "index", "fail_on_collapse", "overwrite",
                 "as_json"),
}

Data = Annotated[str, typer.Argument(help="file .npy, .npz, .csv, .tsv or IDX (also .gz), .h5, .h5ad, .parquet, one "
                                     "row a sample; a folder of images; or digits, or fashion-mnist", metavar="DATA")]
Latents = Annotated[int | None, typer.Option(help="latents of the model; 10 if not given")]
Beta = Annotated[float | None, typer.Option(help="weight of the KL term in your loss")]
Features = Annotated[str, typer.Option(help="how your loss reduces the reconstruction term over features: sum or mean",
                                       metavar="HOW")]
Kl = Annotated[str, typer.Option(help="how your loss reduces the KL over latents: sum or mean", metavar="HOW")]
Weight = Annotated[float | None, typer.Option(help="weight of that term, if not given 0.5 for a squared error (that "
                                              "of mse_loss is 1), 1 for cross-entropy")]
Likelihood = Annotated[str, typer.Option(help="gaussian for a squared error; then all is known. Of bernoulli (binary "
                                         "cross-entropy), poisson, negative_binomial, multinomial, categorical, "
                                         "gaussian_shared and gaussian_diagonal (learned variances) only where "
                                         "everything collapses",
                                         metavar="NAME")]
Dispersion = Annotated[str | None, typer.Option(help="r of negative_binomial, variance mean + mean^2/r: a number, or "
                                                "learned, as if not given", metavar="R")]
Noise = Annotated[str, typer.Option(help="noise level from the median eigenvalue, from the trace, or from those beyond "
                                    "a share of the variance, e.g. 0.9", metavar="HOW")]
Center = Annotated[bool, typer.Option("--center/--no-center", help="subtract the mean")]
Intervals = Annotated[str, typer.Option(help="95 % intervals: bootstrap (any data), spiked (Gaussian signals on white "
                                        "noise) or none", metavar="HOW")]
Seed = Annotated[int, typer.Option(help="of what is drawn for the intervals")]
Solving = Annotated[str, typer.Option(help="full (covariance, all eigenvalues), top (leading ones, by passes over the "
                                      "data) or auto (by size)", metavar="NAME")]
Fail = Annotated[bool, typer.Option("--fail-on-collapse", help="exit with code 3 if --beta collapses latents")]
Allowed = Annotated[int, typer.Option(help="so many latents may, before --fail-on-collapse fails")]
Model = Annotated[str | None, typer.Option(help="your trained model as MODULE:NAME or FILE.py:NAME, with encode(x) and "
                                           "decode(z): would it use one more latent?", metavar="NAME")]
Header = Annotated[bool | None, typer.Option("--header/--no-header", help="whether the first row of a table in text "
                                             "names its columns; judged if not given")]
Index = Annotated[bool | None, typer.Option("--index/--no-index", help="whether its first column names the rows; "
                                            "judged if not given")]
Plot = Annotated[str | None, typer.Option(help="also draw a figure: .png, .pdf or .svg", metavar="FILE")]


def advise(data: Data, latents: Latents = None, beta: Beta = None, plot: Plot = None, allow_collapsed: Allowed = 0,
           reconstruction: Features = "sum", reconstruction_weight: Weight = None, sigma: asked.Sigma = None,
           kl: Kl = "sum", batch_factor: asked.BatchFactor = 1.0, likelihood: Likelihood = "gaussian",
           dispersion: Dispersion = None, groups: asked.Groups = None, target_kl: asked.TargetKl = None,
           free_bits: asked.FreeBits = None, noise_scale: asked.NoiseScale = 1.0, condition: asked.Condition = None,
           model: Model = None, shape: asked.Shape = None, noise: Noise = "median", intervals: Intervals = "bootstrap",
           seed: Seed = 0, solver: Solving = "auto", standardise: asked.Standardise = False, raw: Raw = False,
           center: Center = True, kl_half: asked.KlHalf = True, header: Header = None, index: Index = None,
           fail_on_collapse: Fail = False, overwrite: Overwrite = False, as_json: Json = False) -> int:
    """Tell before training at which beta each latent collapses on your data.

    Files .npy and HDF5 are read in chunks and may be larger than memory. Intervals say where another data set of this
    kind and size would put a number.

    Exit codes: 0 done; 2 bad input; 3 --beta collapses more latents than allowed (all, with another --likelihood than
    gaussian), with --fail-on-collapse; 130 interrupted.

    Example: vaesym advise digits --latents 2 --beta 170 --plot advice.png
    """
    from vaesym.cli.frame.tables import progress
    from vaesym.output import output_path
    from vaesym.practice.advice.advice import Settings, advise_at
    from vaesym.practice.data.readers import open_data
    from vaesym.practice.families import FAMILIES
    from vaesym.practice.models import one_more
    from vaesym.practice.scale import LossScale

    target = None if plot is None else output_path(plot, FIGURES, overwrite=overwrite)
    _check_failing(fail_on_collapse, allow_collapsed, beta)
    options = {**_options(likelihood, dispersion, groups), "condition": condition}
    # Names that are not known are refused where they are used.
    loss_of = partial(LossScale, cast("Reduction", reconstruction), cast("Reduction", kl), reconstruction_weight,
                      batch_factor=batch_factor, kl_half=kl_half)
    if likelihood != "gaussian":
        _refuse({
            "--noise": noise != "median", "--no-center": not center, "--plot": plot is not None,
            "--intervals": intervals not in ("bootstrap", "none"), "--model": model is not None,
            "--allow-collapsed": allow_collapsed != 0, "--target-kl": target_kl is not None,
            "--free-bits": free_bits is not None, "--noise-scale": noise_scale != 1,
            "--standardise": standardise, "--sigma": sigma is not None, "--shape": shape is not None},
            f"options that go with --likelihood {likelihood}, of which full collapse alone is known", "leave them out")
        loss = loss_of(1.0 if beta is None else beta, likelihood=cast("Any", likelihood))
        opened = open_data(data, raw=raw or FAMILIES[likelihood].unscaled, header=header, index=index)
        # The named set is scaled by its name.
        return _full_collapse(data if data == "digits" else opened, loss, latents, options, weighted=beta is not None,
                              raw=raw, seed=seed, solver=cast("Solver", solver), as_json=as_json, fail=fail_on_collapse)
    given = _shape_of(model, shape, {"--condition": condition is not None, "--standardise": standardise})
    trained = _trained(model, beta, {"--noise-scale": noise_scale != 1, "--free-bits": free_bits is not None})
    loss = loss_of(sigma=sigma)
    settings = Settings(latents, noise, center, raw, intervals, seed, cast("Solver", solver), target_kl, free_bits,
                        noise_scale, condition, standardise)
    loaded = open_data(data, raw=raw, header=header, index=index)
    with progress("reading the data", len(loaded.array)) as advance:
        advice = advise_at(loaded, beta, loss, settings, advance)
    more = None if trained is None else one_more(trained, loaded, cast(float, advice.effective_beta), seed=seed,
                                                 shape=given)
    if target is not None:
        _draw(advice, target)
    _show(advice, more, plot, target, as_json=as_json)
    return _exit_code(advice, allow_collapsed) if fail_on_collapse else 0


def _show(advice: Advice, more: OneMore | None, plot: str | None, target: Path | None, *, as_json: bool) -> None:
    """Print the advice as JSON or as a report."""
    from vaesym.output import console, indented, print_json
    from vaesym.practice.advice.report import report

    if as_json:
        print_json({**advice.to_dict(), **({} if more is None else {"one_more_latent": more.to_dict()}),
                    **({} if target is None else {"output": str(target)})})
        return
    out = console()
    report(advice, out)
    if more is not None:
        out.print("One more latent", style="bold")
        out.print(indented(more.words))
    if target is not None:
        out.print("Figure written to", plot, soft_wrap=True)


def _exit_code(advice: Advice, allowed: int) -> int:
    """Return 3, and say why, if more latents collapse than may."""
    from vaesym.output import console

    if (advice.collapsed or 0) <= allowed:
        return 0
    console(stderr=True).print(f"{advice.collapsed} of {len(advice.latents)} latents collapse at β = "
                               f"{advice.kl_weight:g}; {allowed} may.", soft_wrap=True)
    return COLLAPSED


def _options(likelihood: str, dispersion: str | None, groups: str | None) -> dict[str, Any]:
    """Return the options of a likelihood, checked."""
    from vaesym.cli.frame.specs import number_or_word
    from vaesym.practice.families import check_likelihood, check_options

    check_likelihood(likelihood)
    options = {"dispersion": number_or_word(dispersion), "groups": asked.groups_of(groups)}
    check_options(cast("Any", likelihood), **options)
    return options


def _refuse(given: dict[str, bool], wanted: str, remedy: str) -> None:
    """Raise where an option is given that does not go with what is wanted."""
    names = [name for name, is_given in given.items() if is_given]
    if names:
        raise InputError(wanted, ", ".join(names), remedy)


def _full_collapse(data: str | Loaded, loss: LossScale, latents: int | None, options: dict[str, Any], *, weighted: bool,
                   raw: bool, seed: int, solver: Solver, as_json: bool, fail: bool) -> int:
    """Print where everything collapses, and return the exit code."""
    from vaesym.cli.frame.tables import progress
    from vaesym.output import console, print_json
    from vaesym.practice.data.readers import as_loaded
    from vaesym.practice.likelihood import thresholds_at
    from vaesym.practice.likelihood_report import FullCollapse, print_full_collapse

    with progress("reading the data", len(as_loaded(data, raw=raw).array)) as advance:
        found = thresholds_at(data, loss.likelihood, latents, raw=raw, solver=solver, seed=seed, advance=advance,
                              **options)
    answer = FullCollapse(found, loss, latents or len(found.thresholds), weighted)
    if as_json:
        print_json(answer.to_dict())
    else:
        print_full_collapse(answer, console())
    failed = fail and bool(answer.collapsed)
    if failed:
        console(stderr=True).print(f"All latents collapse at β = {loss.kl_weight:g}.", soft_wrap=True)
    return COLLAPSED if failed else 0


def _check_failing(fail: bool, allowed: int, beta: float | None) -> None:
    if allowed < 0:
        raise InputError("allow-collapsed >= 0", f"{allowed}", "choose 0 or larger")
    if allowed and not fail:
        raise InputError("--fail-on-collapse beside --allow-collapsed", "the latter alone", "add --fail-on-collapse")
    if fail and beta is None:
        raise InputError("--beta beside --fail-on-collapse", "no weight of the KL", "pass --beta, that of your loss")
    if beta is not None:
        inputs.positive("beta", beta)


def _shape_of(model: str | None, shape: str | None, others: dict[str, bool]) -> tuple[int, ...] | None:
    """Return the shape of one sample; data that the model would not see as they are, and a shape alone, are refused."""
    from vaesym.cli.frame.specs import sizes

    if shape is not None and model is None:
        raise InputError("--model beside --shape", "the latter alone", "leave it out: data need no shape")
    if model is not None:
        _refuse(others, "--model on data as they are", "save the data as the model sees them")
    return sizes("--shape", shape, "1x28x28")


def _trained(model: str | None, beta: float | None, others: dict[str, bool]) -> Any:
    """Return the trained model that was named, None without one; nothing has been read before.

    Others than the plain loss are refused: whether one more latent is used is not known there.
    """
    from vaesym.practice.models import load_model

    if model is None:
        return None
    if beta is None:
        raise InputError("--beta beside --model", "no weight of the KL", "pass --beta, that of the model's training")
    _refuse(others, "--model alone", "leave one of them out: whether one more latent is used is known for a plain loss "
            "and unscaled noise")
    return load_model(model)


def _draw(advice: Advice, target: Path) -> None:
    from vaesym import figures
    from vaesym.output import replacing

    figure = figures.advice(advice)
    with replacing(target) as scratch:
        figures.save(figure, scratch)
