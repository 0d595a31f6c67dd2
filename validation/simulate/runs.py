"""Specifications: what a run is, how it is trained, where it starts, and which runs make one batch."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from validation.simulate.data import MEMORY, DataSet, one_of, require_memory

#: Methods of minimisation, devices, precisions and starts that there are.
METHODS = ("adam", "sgd", "lbfgs", "exact")
DEVICES = ("auto", "cpu", "cuda")
PRECISIONS = {"float32": 4, "float64": 8}
STARTS = ("random", "collapsed", "informed")


@dataclass(frozen=True)
class Run:
    """One linear VAE to be trained on one data set.

    Parameters
    ----------
    data : a specification of data, for instance :class:`SpikedData`
    beta, lam : weight of the KL term > 0, weight decay ≥ 0
    latents : M of the model, ≤ N
    start : "random" (standard normal weights, D = 1), "collapsed" (weights 10⁻³ times as large) or "informed"
        (decoder and encoder along W*, with Q = ρ)
    start_seed : seed of the starting weights
    decoder_variance : σ² > 0, or its starting value
    learn_decoder_variance : whether σ² is trained as well

    Raises :class:`vaesym.InputError` for a field outside its domain.

    >>> from validation.simulate.data import SpikedData
    >>> Run(SpikedData(50, 100), beta=0.5, lam=0.1).shape
    (50, 1, 1)
    """

    data: DataSet
    beta: float = 1.0
    lam: float = 0.0
    latents: int = 1
    start: str = "random"
    start_seed: int = 0
    decoder_variance: float = 1.0
    learn_decoder_variance: bool = False

    def __post_init__(self) -> None:
        for name, check in (("beta", inputs.positive), ("lam", inputs.non_negative),
                            ("decoder_variance", inputs.positive)):
            number = check(name, getattr(self, name))
            if number.ndim:
                raise InputError(f"{name} as a single number", f"shape {number.shape}", "make one run for each value")
            object.__setattr__(self, name, float(number))
        object.__setattr__(self, "latents", inputs.count("latents", self.latents))
        if self.latents > self.data.features:
            raise InputError(f"latents <= features = {self.data.features}", f"latents={self.latents}", "lower latents")
        one_of("start", self.start, STARTS)
        object.__setattr__(self, "start_seed", inputs.whole_seed(self.start_seed))

    @property
    def shape(self) -> tuple[int, int, int]:
        """N, M and M*: runs of one shape can be trained together."""
        return self.data.features, self.latents, len(self.data.strengths)


@dataclass(frozen=True)
class Settings:
    """How runs are trained.

    Parameters
    ----------
    method : "adam" or "sgd" (descent on the full batch, O(N²M) an epoch whatever P), "lbfgs", or "exact"
        (eigendecomposition)
    epochs : length of a descent; the others do not use it
    learning_rate : of Adam, 10⁻³ as in [IH]; of SGD in the units of W/√N and of the loss per sample, near 0.1
    finish : whether L-BFGS takes each run of a descent on to its minimum
    device : "auto" (CUDA where present), "cpu" or "cuda"
    precision : "float64" or "float32"; moments are summed and losses reported in float64 in either case
    memory : bytes that the moments of one batch may take

    Raises :class:`vaesym.InputError` for a field outside its domain. Whether the device is present is checked when a
    training begins.

    >>> Settings(epochs=100).method
    'adam'
    """

    method: str = "adam"
    epochs: int = 15_000
    learning_rate: float = 1e-3
    finish: bool = False
    device: str = "auto"
    precision: str = "float64"
    memory: float = MEMORY

    def __post_init__(self) -> None:
        one_of("method", self.method, METHODS)
        one_of("device", self.device, DEVICES)
        one_of("precision", self.precision, tuple(PRECISIONS))
        inputs.count("epochs", self.epochs)
        inputs.positive("learning_rate", self.learning_rate)
        inputs.positive("memory", self.memory)

    def resolved_device(self) -> str:
        """Return "cpu" or "cuda"; raise :class:`vaesym.InputError` where CUDA is asked for and absent.

        >>> Settings(device="cpu").resolved_device()
        'cpu'
        """
        if self.device == "cpu" or importlib.util.find_spec("torch") is None:
            present = False
        else:
            import torch

            present = torch.cuda.is_available()
        if self.device == "cuda" and not present:
            raise InputError("a CUDA device", "none that torch can use", "choose device auto or cpu")
        return "cuda" if present else "cpu"

    def bytes_of(self, run: Run) -> int:
        """Return the bytes that the moments of a run take.

        >>> from validation.simulate.data import SpikedData
        >>> Settings().bytes_of(Run(SpikedData(100, 50)))
        80000
        """
        return PRECISIONS[self.precision] * run.data.features**2


def blocks(runs: Sequence[Run], settings: Settings, most: int | None = None) -> list[list[int]]:
    """Divide runs into batches of one shape whose data fit the memory budget.

    Runs on the same data stay together as far as possible, and share their moments. Returns lists of positions in
    ``runs``.

    Returns
    -------
    list of lists of positions in ``runs``; every run is in one of them. Runs on the same data stay together as far
    as possible, and share their moments.

    Raises :class:`vaesym.InputError`: no runs, or a single run beyond the budget.

    >>> from validation.simulate.data import SpikedData
    >>> runs = [Run(SpikedData(n, 20), beta=b) for b in (0.5, 1.0) for n in (8, 9)]
    >>> blocks(runs, Settings())
    [[0, 2], [1, 3]]
    """
    if not runs:
        raise InputError("at least one run", "none", "give runs")
    shapes: dict[object, dict[DataSet, list[int]]] = {}
    for i, run in enumerate(runs):
        shapes.setdefault(run.shape, {}).setdefault(run.data, []).append(i)
    divided: list[list[int]] = []
    for by_data in shapes.values():
        block: list[int] = []
        used = 0
        for members in by_data.values():
            size = settings.bytes_of(runs[members[0]])
            require_memory(size, settings.memory, "the data of one run")
            new = True
            for i in members:
                if block and (used + size * new > settings.memory or len(block) == most):
                    divided.append(block)
                    block, used, new = [], 0, True
                used, new = used + size * new, False
                block.append(i)
        divided.append(block)
    return divided


#: Size of the weights of a collapsed start, relative to those of a random one.
_SMALL = 1e-3
#: Keeps the streams of the starting weights apart from those of the data.
_STREAM = 0x57A7


@dataclass
class Parameters:
    """Parameters of R runs of one shape, in NumPy.

    Attributes
    ----------
    decoder, encoder : W and V (R, N, M)
    variances : D (R, M)
    decoder_variance : σ² (R,)
    """

    decoder: Floats
    encoder: Floats
    variances: Floats
    decoder_variance: Floats


def same_shape(runs: Sequence[Run]) -> tuple[int, int, int]:
    """Return the shape (N, M, M*) of the runs, or raise :class:`vaesym.InputError` where there is not just one.

    >>> from validation.simulate.data import SpikedData
    >>> same_shape([Run(SpikedData(5, 7))])
    (5, 1, 1)
    """
    shapes = {run.shape for run in runs}
    if len(shapes) != 1:
        raise InputError("runs of one shape (N, M, M*)", f"{sorted(shapes) or 'no runs'}", "divide them with blocks")
    return shapes.pop()


def starts(runs: Sequence[Run]) -> Parameters:
    """Return the starting parameters of runs of one shape, drawn on the CPU in double precision.

    >>> from validation.simulate.data import SpikedData
    >>> begin = starts([Run(SpikedData(4, 9), beta=0.5, start="informed")])
    >>> (begin.decoder**2).sum().round(12) / 4, begin.variances.round(12)
    (np.float64(1.0), array([[0.33333333]]))
    """
    features, latents, _ = same_shape(runs)
    decoder, encoder = np.empty((2, len(runs), features, latents))
    variances = np.ones((len(runs), latents))
    for i, run in enumerate(runs):
        generator = np.random.default_rng(np.random.SeedSequence((run.start_seed, _STREAM)))
        decoder[i], encoder[i] = generator.standard_normal((2, features, latents))
        if run.start != "random":
            decoder[i] *= _SMALL
            encoder[i] *= _SMALL
        if run.start == "informed":
            _inform(run, decoder[i], encoder[i], variances[i])
    return Parameters(decoder, encoder, variances, np.array([run.decoder_variance for run in runs]))


def _inform(run: Run, decoder: Floats, encoder: Floats, variances: Floats) -> None:
    """Lay the first latents along W*, with Q = ρ and the encoder and D that suit it where λ = 0."""
    known = min(run.latents, len(run.data.strengths))
    strengths, scaled = np.array(run.data.strengths[:known]), run.beta * run.decoder_variance
    decoder[:, :known] = run.data.weights()[:, :known] * np.sqrt(strengths)
    encoder[:, :known] = decoder[:, :known] / (strengths + scaled)
    variances[:known] = scaled / (strengths + scaled)
