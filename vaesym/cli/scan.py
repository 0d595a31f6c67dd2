"""``vaesym scan``: one training of your kind of network for all β at once, as a report, as JSON, or as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from vaesym.cli.frame.options import Condition, Groups, Json, Overwrite, Raw, groups_of
from vaesym.commands import Interrupted
from vaesym.inputs import InputError

if TYPE_CHECKING:
    from vaesym.practice.scan import Scan

Data = Annotated[str, typer.Argument(help="as for advise: a file, one row a sample; or digits, or fashion-mnist",
                                     metavar="DATA")]
Latents = Annotated[int, typer.Option(help="latents of the model")]
Hidden = Annotated[str | None, typer.Option(help="widths of the hidden layers, e.g. 256 or 512,128; channels of the "
                                            "convolutions; none for a linear model", metavar="LIST")]
Network = Annotated[str, typer.Option(help="mlp or convolutional", metavar="NAME")]
Likelihood = Annotated[str, typer.Option(help="gaussian, bernoulli, poisson, negative_binomial or categorical",
                                         metavar="NAME")]
Variance = Annotated[str, typer.Option(help="of a gaussian decoder: a number, or learned", metavar="NUMBER|learned")]
Range = Annotated[str | None, typer.Option("--beta", help="range low:high of β; from linear theory if not given",
                                           metavar="LOW:HIGH")]
Epochs = Annotated[int | None, typer.Option(help="passes over the data; 2.4 million samples in all if not given")]
Seed = Annotated[int, typer.Option(help="of the first training")]
Seeds = Annotated[int, typer.Option(help="trainings; two or more give 95 % intervals")]
HeldOut = Annotated[float, typer.Option(help="share of the samples that is not trained on")]
Batch = Annotated[int, typer.Option(help="samples of a step")]
Rate = Annotated[float, typer.Option(help="of Adam, at its highest")]
Shape = Annotated[str | None, typer.Option(help="of an image, e.g. 28x28 or 3x32x32, for convolutions",
                                           metavar="SHAPE")]
Device = Annotated[str, typer.Option(help="of torch: cpu, cuda, mps")]
Checkpoint = Annotated[str | None, typer.Option(help="file that keeps each epoch: the same command goes on from it",
                                                metavar="FILE")]
Output = Annotated[str | None, typer.Option(help="also write a figure (.png, .pdf, .svg) or data (.nc, .csv)",
                                            metavar="FILE")]


def scan(data: Data, latents: Latents = 10, hidden: Hidden = None, network: Network = "mlp",
         likelihood: Likelihood = "gaussian", variance: Variance = "1", beta: Range = None, epochs: Epochs = None,
         seed: Seed = 0, seeds: Seeds = 1, held_out: HeldOut = 0.1, batch: Batch = 256, learning_rate: Rate = 3e-3,
         condition: Condition = None, groups: Groups = None, shape: Shape = None, raw: Raw = False,
         device: Device = "cpu", checkpoint: Checkpoint = None, output: Output = None, overwrite: Overwrite = False,
         as_json: Json = False) -> None:
    """Train your kind of VAE once for all beta: active latents, KL, ELBO at each.

    The loss of a sample is -ln p(x|z) + beta KL, with a gaussian decoder half the squared error + beta KL; advise says
    what beta yours means.

    Exit codes: 0 done; 2 bad input; 130 interrupted, and with --checkpoint the same command goes on.

    Example: vaesym scan digits --latents 20 --output scan.png
    """
    from vaesym.cli.frame.delivery import SUFFIXES, write
    from vaesym.cli.frame.specs import number_or_word, sizes
    from vaesym.output import console, output_path, print_json
    from vaesym.practice.scan.report import report

    target = None if output is None else output_path(output, SUFFIXES, overwrite=overwrite)
    options: dict[str, Any] = {
        "latents": latents, "hidden": () if hidden == "none" else sizes("hidden", hidden, "256,128"),
        "network": network, "likelihood": likelihood, "variance": number_or_word(variance), "beta_range": _range(beta),
        "epochs": epochs, "seed": seed, "seeds": seeds, "held_out": held_out, "batch": batch,
        "learning_rate": learning_rate, "shape": sizes("shape", shape, "28x28"), "groups": groups_of(groups),
        "raw": raw, "device": device, "checkpoint": checkpoint}
    found = _made(data, condition, options)
    if target is not None:
        from vaesym import figures

        write(found.to_xarray(), target, figures.scan_curves)
    if as_json:
        print_json({**found.to_dict(), **({} if target is None else {"output": str(target)})})
        return
    out = console()
    report(found, out)
    if target is not None:
        out.print("Written to", output, soft_wrap=True)


def _made(data: str, condition: str | None, options: dict[str, Any]) -> Scan:
    """Train, with a bar; what is said on an interrupt tells how to go on."""
    import vaesym
    from vaesym.cli.frame.tables import progress
    from vaesym.practice.scan.settings import checked

    checked(**{name: value for name, value in options.items() if name != "raw"})
    bar = progress("training for all β", 1000)
    try:
        with bar as advance:
            return vaesym.scan(data, condition=condition, progress=_Thousandths(advance), **options)
    except KeyboardInterrupt as stop:
        kept = options["checkpoint"]
        go_on = f"the same command goes on from {kept}" if kept else "with --checkpoint FILE it could have been resumed"
        raise Interrupted(f"the training stopped; {go_on}") from stop


class _Thousandths:
    """Advances a bar of a thousand by steps of a training, of which there may be many more."""

    def __init__(self, advance: Any) -> None:
        self._advance, self._shown = advance, 0

    def __call__(self, done: int, total: int) -> None:
        shown = 1000 * done // total
        if shown > self._shown:
            self._advance(shown - self._shown)
            self._shown = shown


def _range(given: str | None) -> tuple[float, float] | None:
    from vaesym.cli.frame.specs import interval

    if given is None:
        return None
    ends = interval("beta", given)
    if ends is None:
        raise InputError("beta as a range low:high", f"{given!r}", "write e.g. 0.5:20")
    return ends
