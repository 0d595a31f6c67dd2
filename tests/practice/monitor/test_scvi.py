"""The adapter of the guide in a training of scvi-tools, where scvi-tools is at hand."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import vaesym

GUIDE = Path(vaesym.__file__).parent / "guide" / "choosing_beta.md"
#: Two programmes of 30 genes: their thresholds are 52.7 and 25.3, those of what is left 9.4 and 7.4.
_BEFORE = """
import logging
import warnings
warnings.simplefilter("ignore")
import anndata
import numpy as np
import scvi
import torch

torch.set_num_threads(1)
scvi.settings.seed = 0
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
rng = np.random.default_rng(0)
programmes = rng.normal(size=(512, 2)) * [1, 0.7]
share = np.exp(0.5 * programmes @ rng.normal(size=(2, 30)) + rng.uniform(-1, 1, 30))
size = rng.uniform(100, 300, (512, 1))
counts = rng.poisson(size * share / share.sum(axis=1, keepdims=True)).astype(np.float32)
cells = anndata.AnnData(counts)
scvi.model.SCVI.setup_anndata(cells)
model = scvi.model.SCVI(cells, n_latent=4, n_hidden=32, gene_likelihood="poisson")
"""
_AFTER = """
monitor = watched(model, counts, 15.0)
monitor.every = 1
plan = {"max_kl_weight": 15.0, "n_epochs_kl_warmup": 10, "lr": 3e-3}
model.train(max_epochs=100, plan_kwargs=plan, accelerator="cpu", batch_size=64, train_size=1.0, logger=False,
            enable_progress_bar=False, enable_checkpointing=False)
found = monitor.to_dict()
print(monitor.step, found["expected_active"], sum(nats > 0.05 for nats in found["information"]))
print(found["verdicts"].count("collapsed as predicted"))
"""


@pytest.mark.skipif(find_spec("scvi") is None, reason="needs scvi-tools")
def test_the_adapter_of_the_guide() -> None:
    (adapter,) = re.findall(r"```python\n(import vaesym\n\n\ndef watched\(model.*?)```",
                            GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    done = subprocess.run([sys.executable, "-c", _BEFORE + adapter + _AFTER], capture_output=True, text=True,
                          timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["800 2 2", "2"], done.stdout
