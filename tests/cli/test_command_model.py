"""``vaesym advise --model``: a user's trained model beside the advice on the data."""

import json
import subprocess
import sys

import numpy as np
import pytest

from vaesym.cli import app

_MODEL = """
import numpy as np
class Collapsed:
    def encode(self, x):
        assert x.max() <= 1.0
        return np.zeros((len(x), 1)), np.zeros((len(x), 1))
    def decode(self, z): return np.full((len(z), 6), 0.5)
trained = Collapsed()
"""


@pytest.fixture
def files(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (400, 6), dtype=np.uint8)
    np.save(tmp_path / "images.npy", images)
    (tmp_path / "mine.py").write_text(_MODEL)
    centred = images / 255 - 0.5
    return tmp_path, float(np.linalg.eigvalsh(centred.T @ centred / 400)[-1])


@pytest.mark.parametrize(("factor", "used"), [(0.9, True), (1.1, False)])
def test_json_says_whether_one_more_latent_would_be_used(files, ended, factor, used):
    folder, top = files
    result = ended(app, "advise", folder / "images.npy", "--latents", 2, "--beta", factor * top, "--model",
                   f"{folder / 'mine.py'}:trained", "--json")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)["one_more_latent"]
    assert found["used"] is used
    assert found["conditional"] == pytest.approx(top, rel=1e-4)


def test_text_says_it_in_a_sentence(files, ended):
    folder, _ = files
    result = ended(app, "advise", folder / "images.npy", "--latents", 2, "--beta", 1, "--model",
                   f"{folder / 'mine.py'}:trained")
    assert "One more, added to it, would stay collapsed" in " ".join(result.stdout.split())


@pytest.mark.parametrize("program", [
    ["-c", "import sys; sys.path.pop(0); from vaesym.cli import main; sys.exit(main())"], ["-m", "vaesym"]],
    ids=["script", "module"])
def test_modules_of_the_current_folder_are_found(files, program):
    folder, _ = files
    options = ["advise", "images.npy", "--latents", "2", "--beta", "1", "--intervals", "none", "--model"]
    done = subprocess.run([sys.executable, *program, *options, "mine:trained"], cwd=folder, capture_output=True,
                          text=True, timeout=300, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "One more latent" in done.stdout


def test_a_model_needs_a_beta_and_a_name(files, refused):
    folder, _ = files
    for options, words in ((["--model", "mine"], "--beta beside --model"),
                           (["--beta", "1", "--model", "mine"], "MODULE:NAME")):
        assert words in refused("advise", str(folder / "images.npy"), *options)
