"""``vaesym advise``: print the advice as a report, as JSON, or draw it."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from vaesym import inputs
from vaesym.inputs import InputError
from vaesym.output import console, output_path, print_json, replacing
from vaesym.practice.advice.advice import Settings, advise_at
from vaesym.practice.advice.report import report
from vaesym.practice.advice.result import Advice
from vaesym.practice.data.decomposition import Solver
from vaesym.practice.data.matrix import Advance
from vaesym.practice.data.readers import Loaded, as_loaded, open_data
from vaesym.practice.likelihood import thresholds_at
from vaesym.practice.likelihood_report import FullCollapse, print_full_collapse
from vaesym.practice.models import load_model, one_more
from vaesym.practice.scale import LossScale, Reduction, check_likelihood

#: Endings of the figures that can be written.
FIGURES = (".png", ".pdf", ".svg")
#: Exit code for a loss that collapses more latents than the user allows.
COLLAPSED = 3


def run(data: str, *, latents: int | None, beta: float | None, raw: bool, reconstruction: str, kl: str,
        reconstruction_weight: float | None, noise: str, center: bool, as_json: bool, plot: str | None, overwrite: bool,
        intervals: str | None = "bootstrap", seed: int = 0, solver: str = "auto", fail_on_collapse: bool = False,
        allow_collapsed: int = 0, model: str | None = None, likelihood: str = "gaussian",
        header: bool | None = None, index: bool | None = None) -> int:
    """Advise on ``data`` and print; arguments as the options of the command. Return the exit code, 0 or 3."""
    target = None if plot is None else output_path(plot, FIGURES, overwrite=overwrite)
    _check_failing(fail_on_collapse, allow_collapsed, beta)
    check_likelihood(likelihood)
    if likelihood == "bernoulli":
        _refuse({"--noise": noise != "median", "--no-center": not center, "--plot": plot is not None,
                 "--intervals": intervals not in ("bootstrap", "none"), "--model": model is not None,
                 "--allow-collapsed": allow_collapsed != 0})
        loss = LossScale(cast(Reduction, reconstruction), cast(Reduction, kl), reconstruction_weight,
                         1.0 if beta is None else beta, "bernoulli")
        opened = open_data(data, raw=raw, header=header, index=index)
        # The named set is scaled by its name.
        return _full_collapse(data if data == "digits" else opened, loss, latents, weighted=beta is not None, raw=raw,
                              seed=seed, solver=cast(Solver, solver), as_json=as_json, fail=fail_on_collapse)
    trained = _trained(model, beta)
    # Names that are not known are refused where they are used.
    loss = LossScale(cast(Reduction, reconstruction), cast(Reduction, kl), reconstruction_weight)
    settings = Settings(latents, noise, center, raw, intervals, seed, cast(Solver, solver))
    loaded = open_data(data, raw=raw, header=header, index=index)
    with _progress(len(loaded.array)) as advance:
        advice = advise_at(loaded, beta, loss, settings, advance)
    more = None if trained is None else one_more(trained, loaded.array, cast(float, advice.effective_beta), seed=seed,
                                                 scaling=loaded.scaling)
    if target is not None:
        _draw(advice, target)
    failed = fail_on_collapse and (advice.collapsed or 0) > allow_collapsed
    if as_json:
        print_json({**advice.to_dict(), **({} if more is None else {"one_more_latent": more.to_dict()}),
                    **({} if target is None else {"output": str(target)})})
    else:
        out = console()
        report(advice, out)
        if more is not None:
            out.print("One more latent", style="bold")
            out.print(Padding(more.words, (0, 0, 0, 2), expand=False))
        if target is not None:
            out.print("Figure written to", plot, soft_wrap=True)
    if failed:
        console(stderr=True).print(f"{advice.collapsed} of {len(advice.latents)} latents collapse at β = "
                                   f"{advice.kl_weight:g}; {allow_collapsed} may.", soft_wrap=True)
    return COLLAPSED if failed else 0


def _refuse(given: dict[str, bool]) -> None:
    """Raise for options that say nothing about where everything collapses."""
    names = [name for name, is_given in given.items() if is_given]
    if names:
        raise InputError("options that go with --likelihood bernoulli, of which full collapse alone is known",
                         ", ".join(names), "leave them out")


def _full_collapse(data: str | Loaded, loss: LossScale, latents: int | None, *, weighted: bool, raw: bool, seed: int,
                   solver: Solver, as_json: bool, fail: bool) -> int:
    """Print where everything collapses, and return the exit code."""
    with _progress(len(as_loaded(data, raw=raw).array)) as advance:
        found = thresholds_at(data, loss.likelihood, latents, raw=raw, solver=solver, seed=seed, advance=advance)
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


def _trained(model: str | None, beta: float | None) -> Any:
    """Return the trained model that was named, None without one; nothing has been read before."""
    if model is None:
        return None
    if beta is None:
        raise InputError("--beta beside --model", "no weight of the KL", "pass --beta, that of the model's training")
    return load_model(model)


@contextlib.contextmanager
def _progress(rows: int) -> Generator[Advance | None]:
    """Yield what is to be told of rows read: on a terminal, it moves a bar."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        yield None
        return
    with Progress(TextColumn("reading the data"), BarColumn(), TextColumn("{task.percentage:3.0f} %"),
                  TimeRemainingColumn(), console=screen, transient=True) as bar:
        task = bar.add_task("rows", total=rows)
        yield lambda more: bar.advance(task, more)


def _draw(advice: Advice, target: Path) -> None:
    from vaesym import figures

    figure = figures.advice(advice)
    with replacing(target) as scratch:
        figures.save(figure, scratch)
