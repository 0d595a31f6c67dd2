"""The advice on a ``.npy`` file of gigabytes, against one bare pass that accumulates XᵀX from it.

Both are whole programs that read the file in chunks of float32, turn each into float64 and add up its products. The
bare one has neither a mean nor eigenvalues, checks nothing and reports nothing.
"""

from __future__ import annotations

import inspect
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.format import write_array_header_1_0

from vaesym.inputs import Floats, InputError

#: Shape of the file: 3.1 GB.
SHAPE = (1_000_000, 784)
#: Rows that both programs read at once.
_ROWS = 4096


def bare_pass(path: str, rows: int) -> Floats:
    """Return XᵀX/P − mean·meanᵀ of a ``.npy`` file by plain sums, as short as it can be written.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.save(Path(folder, "x.npy"), np.array([[1.0], [3.0]], dtype=np.float32))
    ...     bare_pass(str(Path(folder, "x.npy")), 1)
    array([[1.]])
    """
    data = np.load(path, mmap_mode="r")
    total, sums = np.zeros((data.shape[1], data.shape[1])), np.zeros(data.shape[1])
    for start in range(0, len(data), rows):
        block = data[start : start + rows].astype(np.float64)
        total += block.T @ block
        sums += block.sum(axis=0)
    return total / len(data) - np.outer(sums, sums) / len(data) ** 2


@dataclass(frozen=True)
class Run:
    """Leading eigenvalues that a program found, its seconds, and the peak of its resident memory in MB."""

    eigenvalues: Floats
    seconds: float
    memory: float


def check_room(folder: Path, shape: tuple[int, int] = SHAPE) -> None:
    """Raise :class:`~vaesym.inputs.InputError` for a folder that does not exist or has no room for the file."""
    if not folder.is_dir():
        raise InputError("an existing folder for the large file", f"{folder}", "create it")
    needed, free = 1.2 * 4 * shape[0] * shape[1], shutil.disk_usage(folder).free
    if free < needed:
        raise InputError(f"{needed / 1e9:.1f} GB of free disk in {folder}", f"{free / 1e9:.1f} GB",
                         "name a folder on another disk")


def write(folder: Path, shape: tuple[int, int] = SHAPE) -> Path:
    """Write a file of normal numbers of falling variance into ``folder``, and return its path."""
    path, rng = folder / "large.npy", np.random.default_rng(0)
    scales = np.geomspace(5.0, 0.05, shape[1]).astype(np.float32)
    with path.open("wb") as stream:
        write_array_header_1_0(stream, {"descr": "<f4", "fortran_order": False, "shape": shape})
        for start in range(0, shape[0], _ROWS):
            rows = (min(_ROWS, shape[0] - start), shape[1])
            stream.write((rng.standard_normal(rows, dtype=np.float32) * scales + 3).tobytes())
    return path


#: A small program that runs another and writes its seconds and peak memory. What a process has used before it starts
#: another counts as use of the other: so that it is next to nothing, the benchmark does not start it itself.
_MEASURE = """
import os, subprocess, sys, time
before = time.perf_counter()
process = subprocess.Popen([sys.executable, *sys.argv[1:]])
_, status, usage = os.wait4(process.pid, 0)
print(time.perf_counter() - before, usage.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def _program(*arguments: str) -> tuple[str, float, float]:
    """Run Python and return what it prints, its seconds and its peak memory in MB."""
    done = subprocess.run([sys.executable, "-c", _MEASURE, *arguments], capture_output=True, text=True, check=True)
    seconds, memory = map(float, done.stderr.split())
    # Linux counts in kilobytes, macOS in bytes.
    return done.stdout, seconds, memory / (2**10 if sys.platform == "linux" else 2**20)


def advised(path: Path, latents: int) -> Run:
    """Run ``vaesym advise`` on the file."""
    printed, *costs = _program("-m", "vaesym", "advise", str(path), "--latents", str(latents), "--json")
    return Run(np.array([latent["eigenvalue"] for latent in json.loads(printed)["latents"]]), *costs)


def bare(path: Path, latents: int) -> Run:
    """Run the bare pass on the file; the eigenvalues are found when its time has been taken."""
    with tempfile.TemporaryDirectory() as folder:
        result = str(Path(folder, "covariance.npy"))
        script = ["from __future__ import annotations", "import sys", "import numpy as np",
                  inspect.getsource(bare_pass), f"np.save(sys.argv[2], bare_pass(sys.argv[1], {_ROWS}))"]
        _, *costs = _program("-c", "\n".join(script), str(path), result)
        return Run(np.linalg.eigvalsh(np.load(result))[::-1][:latents], *costs)
