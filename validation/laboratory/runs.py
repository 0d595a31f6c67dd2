"""Specifications: what a run is, how it is trained, and which runs make one batch."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field

from vaesym import inputs
from vaesym.inputs import InputError
from validation.laboratory.annealing import Annealing
from validation.laboratory.data import MEMORY, DataSet, require_memory, whole_seed

#: Methods of minimisation, devices, precisions and starts that there are.
METHODS = ("adam", "sgd", "lbfgs", "exact")
DEVICES = ("auto", "cpu", "cuda")
PRECISIONS = {"float32": 4, "float64": 8}
STARTS = ("random", "collapsed", "informed")


def one_of(name: str, value: object, choices: Sequence[str]) -> None:
    """Raise :class:`vaesym.InputError` unless ``value`` is among ``choices``.

    >>> one_of("start", "random", STARTS)
    """
    if value not in choices:
        raise InputError(f"{name} among {', '.join(choices)}", f"{value!r}", "choose one of them")


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

    Raises
    ------
    vaesym.InputError
        A field outside its domain.

    Examples
    --------
    >>> from validation.laboratory.data import SpikedData
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
        object.__setattr__(self, "start_seed", whole_seed(self.start_seed))

    @property
    def shape(self) -> tuple[int, int, int]:
        """N, M and M*: runs of one shape can be trained together."""
        return self.data.features, self.latents, len(self.data.strengths)


@dataclass(frozen=True)
class Settings:
    """How runs are trained.

    Parameters
    ----------
    method : "adam" or "sgd" (descent, epoch by epoch), "lbfgs", or "exact" (eigendecomposition)
    epochs : length of a descent; the others do not use it
    learning_rate : of Adam, 10⁻³ as in [IH]; of SGD in the units of W/√N and of the loss per sample, near 0.1
    batch_size : samples of a mini-batch, or None for the full batch, which costs O(N²M) whatever P
    sampled : whether the reconstruction term is sampled by the reparametrisation rather than exact; needs a batch_size
    annealing : schedule of the factor that multiplies β
    device : "auto" (CUDA where present), "cpu" or "cuda"
    precision : "float64" or "float32"; moments are summed and losses reported in float64 in either case
    memory : bytes that the moments or samples of one batch may take

    Raises
    ------
    vaesym.InputError
        A field outside its domain. Whether the device is present is checked when a training begins.

    Examples
    --------
    >>> Settings(epochs=100).method
    'adam'
    """

    method: str = "adam"
    epochs: int = 15_000
    learning_rate: float = 1e-3
    batch_size: int | None = None
    sampled: bool = False
    annealing: Annealing = field(default_factory=Annealing)
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
        if self.batch_size is not None:
            inputs.count("batch_size", self.batch_size)
            if self.method not in {"adam", "sgd"}:
                raise InputError("no batch_size for a method that takes the full batch", f"{self.method!r} with "
                                 f"batch_size={self.batch_size}", "choose adam or sgd")
        elif self.sampled:
            raise InputError("a batch_size where the reconstruction term is sampled", "none",
                             "give one; batch_size=P takes all samples at once")

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
        """Return the bytes that the moments (full batch) or the samples (mini-batches) of a run take.

        >>> from validation.laboratory.data import SpikedData
        >>> Settings().bytes_of(Run(SpikedData(100, 50)))
        80000
        """
        features, samples = run.data.features, run.data.samples
        return PRECISIONS[self.precision] * features * (features if self.batch_size is None else samples)


def blocks(runs: Sequence[Run], settings: Settings, most: int | None = None) -> list[list[int]]:
    """Divide runs into batches of one shape whose data fit the memory budget.

    Parameters
    ----------
    runs : the runs, in any order
    settings : they hold the budget
    most : largest number of runs of a batch, if any

    Returns
    -------
    list of lists of positions in ``runs``; every run is in one of them. Runs on the same data stay together as far
    as possible, and share their moments. Mini-batches need equal P as well.

    Raises
    ------
    vaesym.InputError
        No runs, or a single run beyond the budget.

    Examples
    --------
    >>> from validation.laboratory.data import SpikedData
    >>> runs = [Run(SpikedData(n, 20), beta=b) for b in (0.5, 1.0) for n in (8, 9)]
    >>> blocks(runs, Settings())
    [[0, 2], [1, 3]]
    """
    if not runs:
        raise InputError("at least one run", "none", "give runs")
    shapes: dict[object, dict[DataSet, list[int]]] = {}
    for i, run in enumerate(runs):
        kind = run.shape, None if settings.batch_size is None else run.data.samples
        shapes.setdefault(kind, {}).setdefault(run.data, []).append(i)
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
