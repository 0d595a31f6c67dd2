"""The callback of the guide in a Keras training, where Keras and a backend are at hand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import vaesym

GUIDE = Path(vaesym.__file__).parent / "guide" / "choosing_beta.md"
_TRAINING = """
import vaesym

x = np.random.default_rng(0).normal(size=(512, 6)).astype("float32") * np.array([3, 2, 1, 1, 1, 1], "float32")
given = keras.Input((6,))
encoder = keras.Model(given, [keras.layers.Dense(2)(given), keras.layers.Dense(2)(given)])

class VAE(keras.Model):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = encoder, keras.layers.Dense(6)

    def call(self, x):
        mu, logvar = self.encoder(x)
        kl = 0.5 * (mu**2 + keras.ops.exp(logvar) - logvar - 1)
        self.add_loss(6.0 * keras.ops.mean(keras.ops.sum(kl, axis=1)))
        return self.decoder(mu + keras.ops.exp(logvar / 2) * keras.random.normal(keras.ops.shape(mu)))

vae = VAE()
vae.compile(keras.optimizers.Adam(0.01), loss=lambda x, xhat: 0.5 * keras.ops.sum((xhat - x) ** 2, axis=1))
monitor = vaesym.Monitor(x, beta=6.0, n_latents=2, every=1)
vae.fit(x, x, batch_size=32, epochs=10, verbose=0, callbacks=[Watch(monitor, encoder, x)])
print(monitor.step, monitor.to_dict()["expected_active"], sorted(monitor.kl)[1] > 0.05)
"""


@pytest.mark.skipif(find_spec("keras") is None or find_spec("torch") is None, reason="needs Keras and torch")
def test_the_callback_of_the_guide() -> None:
    (callback,) = re.findall(r"```python\n(import keras\n.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    done = subprocess.run([sys.executable, "-c", callback + _TRAINING], capture_output=True, text=True, timeout=300,
                          env={**os.environ, "KERAS_BACKEND": "torch"}, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "160 1 True"
