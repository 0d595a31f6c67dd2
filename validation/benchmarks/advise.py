"""``python -m validation.benchmarks.advise``: the advice against the bare covariance and its eigenvalues.

Both start from the same images: from an array in memory, from the gzipped file, and as whole programs from the file.
They are run in turn, so that what else the machine does falls on both, and their medians are compared. With
``--large FOLDER`` there is also a file of 3.1 GB, written there and removed afterwards, of which the bare computation
only adds up the products: see :mod:`validation.benchmarks.large`.
"""

from __future__ import annotations

import gzip
import inspect
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

import vaesym
from vaesym.commands import run_command
from vaesym.inputs import Floats, InputError, count
from vaesym.output import columns, console
from vaesym.practice.data.readers import FASHION_MNIST_FILES, FASHION_MNIST_FOLDER, load_data
from validation.benchmarks import large
from validation.study.command import AsJson, finish

#: The advice may take this many times as long as the bare computation.
ALLOWED_RATIO = 1.5
#: The same for the large file, and the memory that it may take, in MB.
ALLOWED_LARGE_RATIO, ALLOWED_MEMORY = 1.3, 1000.0
#: Largest relative difference of the leading eigenvalues of the two.
ALLOWED_DIFFERENCE = 1e-10
#: Shape of the random images that are used where the file is absent.
SHAPE = (60_000, 28, 28)
_LATENTS = 2
_IDX_IMAGES = bytes([0, 0, 8, 3])


@dataclass(frozen=True)
class Timing:
    """Median seconds of both, and how far their leading eigenvalues are apart, relatively.

    ``memory`` is the peak of the advice's resident memory in MB, where it was measured.
    """

    start: str
    advise: float
    bare: float
    difference: float
    allowed_ratio: float = ALLOWED_RATIO
    memory: float | None = None

    @property
    def ratio(self) -> float:
        """Time of the advice in units of that of the bare computation."""
        return self.advise / self.bare

    @property
    def passed(self) -> bool:
        """Whether the advice was fast enough and the eigenvalues the same."""
        small = self.memory is None or self.memory < ALLOWED_MEMORY
        return self.ratio < self.allowed_ratio and self.difference <= ALLOWED_DIFFERENCE and small


def bare(images: NDArray[np.uint8]) -> Floats:
    """Return the eigenvalues of the covariance of the pixels, scaled to [0, 1], largest first.

    >>> bare(np.array([[0], [255]], dtype=np.uint8))
    array([0.25])
    """
    pixels = images.astype(np.float64) / 255
    return np.asarray(np.linalg.eigvalsh(np.atleast_2d(np.cov(pixels, rowvar=False, bias=True)))[::-1], np.float64)


def bare_file(path: Path) -> Floats:
    """Return the same from a gzipped IDX file of images."""
    with gzip.open(path) as stream:
        data = stream.read()
    samples = int.from_bytes(data[4:8], "big")
    return bare(np.frombuffer(data, np.uint8, offset=16).reshape(samples, -1))


def _advised(source: Any, scale: float = 1.0) -> Floats:
    return scale * np.array([latent.eigenvalue for latent in vaesym.advise(source, latents=_LATENTS).latents])


def _printed(*arguments: str) -> str:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True).stdout


def _advised_by_program(path: Path) -> Floats:
    printed = _printed("-m", "vaesym", "advise", str(path), "--latents", str(_LATENTS), "--json")
    return np.array([latent["eigenvalue"] for latent in json.loads(printed)["latents"]])


def _bare_by_program(path: Path) -> Floats:
    """The bare computation in a Python of its own, that imports nothing but NumPy."""
    script = ["from __future__ import annotations", "import gzip, json, sys", "import numpy as np",
              inspect.getsource(bare), inspect.getsource(bare_file),
              "print(json.dumps(bare_file(sys.argv[1]).tolist()))"]
    return np.array(json.loads(_printed("-c", "\n".join(script), str(path))))


def in_turn(start: str, advise: Callable[[], Floats], plain: Callable[[], Floats], repeats: int) -> Timing:
    """Run both in turn ``repeats`` times and return the medians.

    >>> in_turn("one", lambda: np.ones(2), lambda: np.ones(5), 3).difference
    0.0
    """
    seconds: tuple[list[float], list[float]] = ([], [])
    found: list[Floats] = []
    for _ in range(repeats):
        for run, times in zip((advise, plain), seconds, strict=True):
            before = time.perf_counter()
            found.append(run()[:_LATENTS])
            times.append(time.perf_counter() - before)
    difference = float(np.abs(found[-2] / found[-1] - 1).max())
    return Timing(start, median(seconds[0]), median(seconds[1]), difference)


def measure(path: Path, repeats: int) -> list[Timing]:
    """Compare from an array in memory, from the file, and as whole programs."""
    loaded = load_data(path)
    if path.suffix.lower() != ".gz" or gzip.decompress(path.read_bytes())[:4] != _IDX_IMAGES:
        raise InputError("a gzipped IDX file of uint8 images", f"{path}", "give the training images")
    images = loaded.array
    return [
        # An array is taken as it is, 0 to 255.
        in_turn("array in memory", lambda: _advised(images, 1 / 255**2), lambda: bare(images), repeats),
        in_turn("gzipped file", lambda: _advised(path), lambda: bare_file(path), repeats),
        in_turn("program, from the file", lambda: _advised_by_program(path), lambda: _bare_by_program(path), repeats),
    ]


def measure_large(folder: Path, repeats: int, shape: tuple[int, int] = large.SHAPE) -> Timing:
    """Compare from a large ``.npy`` file that is written into ``folder`` and removed afterwards."""
    large.check_room(folder, shape)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        path = large.write(Path(scratch), shape)
        pairs = [(large.advised(path, _LATENTS), large.bare(path, _LATENTS)) for _ in range(repeats)]
        start = f"program, .npy of {path.stat().st_size / 1e9:.1f} GB"
    advised, plain = zip(*pairs, strict=True)
    difference = float(np.abs(advised[-1].eigenvalues / plain[-1].eigenvalues - 1).max())
    return Timing(start, median(run.seconds for run in advised), median(run.seconds for run in plain), difference,
                  ALLOWED_LARGE_RATIO, max(run.memory for run in advised))


def _random_images(folder: Path) -> Path:
    path = folder / "random-idx3-ubyte.gz"
    pixels = np.random.default_rng(0).integers(0, 256, SHAPE, dtype=np.uint8)
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(_IDX_IMAGES + np.array(SHAPE, ">u4").tobytes() + pixels.tobytes())
    return path


def _measured(file: Path | None, repeats: int) -> tuple[str, list[Timing]]:
    """Return what was measured on, and the timings; without Fashion-MNIST, random images of its size stand in."""
    path = file or FASHION_MNIST_FOLDER / FASHION_MNIST_FILES[0]
    if file is not None or path.is_file():
        return str(path), measure(path, repeats)
    console(stderr=True).print(f"{path} is absent: random images of the same size stand in for it.\n"
                               "To measure on Fashion-MNIST, install Debian's dataset-fashion-mnist or name its file.")
    with tempfile.TemporaryDirectory() as folder:
        return "random images", measure(_random_images(Path(folder)), repeats)


def _print(name: str, timings: list[Timing]) -> None:
    table = columns(f"vaesym.advise against np.cov and eigvalsh: {name}", "start", "advise (s)", "bare (s)", "ratio",
                    "difference", "MB", words=("start",))
    for timing in timings:
        memory = "" if timing.memory is None else f"{timing.memory:.0f}"
        table.add_row(timing.start, f"{timing.advise:.2f}", f"{timing.bare:.2f}", f"{timing.ratio:.2f}",
                      f"{timing.difference:.0e}", memory, style="green" if timing.passed else "bold red")
    out = console()
    out.print(table)
    out.print(f"Medians of runs in turn. Allowed: a ratio below {ALLOWED_RATIO:g}, and a relative difference of the "
              f"{_LATENTS} leading eigenvalues of {ALLOWED_DIFFERENCE:g}; of the large file a ratio below "
              f"{ALLOWED_LARGE_RATIO:g}, and {ALLOWED_MEMORY:g} MB of memory.")


def main(file: Annotated[Path | None, typer.Argument(help="gzipped IDX file of images; Fashion-MNIST's if not given",
                                                     metavar="FILE")] = None,
         repeats: Annotated[int, typer.Option(help="runs of each, in turn")] = 5,
         large_folder: Annotated[Path | None, typer.Option("--large", help="also measure on a file of 3.1 GB, written "
                                                           "into this folder and removed", metavar="FOLDER")] = None,
         as_json: AsJson = False) -> None:
    """Time vaesym.advise against the bare covariance and its eigenvalues."""
    name, timings = _measured(file, count("repeats", repeats))
    if large_folder is not None:
        timings.append(measure_large(large_folder, repeats))
    rows = [{**asdict(timing), "ratio": timing.ratio, "passed": timing.passed} for timing in timings]
    finish({"data": name, "repeats": repeats, "allowed_ratio": ALLOWED_RATIO, "timings": rows},
           lambda: _print(name, timings), passed=all(timing.passed for timing in timings), as_json=as_json)


if __name__ == "__main__":
    raise SystemExit(run_command(main))
