"""One more latent for the user's own model: any object, or a torch module, by name or in hand."""

import numpy as np
import pytest

from vaesym.inputs import InputError
from vaesym.practice.models import load_model, one_more

_MODEL = """
import numpy as np
class Model:
    def encode(self, x): return np.zeros((len(x), 1)), np.zeros((len(x), 1))
    def decode(self, z): return np.zeros((len(z), 3))
ready = Model()
def make(): return Model()
number = 3
"""


@pytest.fixture
def data():
    return np.random.default_rng(0).normal(size=(2000, 3)) * [3, 2, 1]


@pytest.mark.parametrize("name", ["Model", "ready", "make"])
def test_a_model_by_the_name_of_its_file(tmp_path, data, name):
    (tmp_path / "mine.py").write_text(_MODEL)
    model = load_model(f"{tmp_path / 'mine.py'}:{name}")
    top = np.linalg.eigvalsh(data.T @ data / len(data))[-1]
    found = one_more(model, data, 0.9 * top)
    assert found.used is True
    assert found.thresholds.conditional == pytest.approx(top, rel=1e-5)
    assert one_more(model, data, 1.1 * top).used is False


def test_a_torch_module_runs_without_gradients_in_evaluation_mode(data):
    torch = pytest.importorskip("torch")

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1, 3, dtype=torch.float64))
            self.drop = torch.nn.Dropout(0.5)

        def encode(self, x):
            assert x.dtype == torch.float64
            assert not self.training
            return x @ self.weight.T, torch.zeros(len(x), 1)

        def decode(self, z):
            return z @ self.weight

    top = np.linalg.eigvalsh(data.T @ data / len(data))[-1]
    net = Net()
    net.drop.eval()
    found = one_more(net, data, 1.0)
    assert (net.training, net.drop.training) == (True, False)
    assert found.thresholds.constant == pytest.approx(top, rel=1e-5)
    assert "would be used" in found.words


@pytest.mark.parametrize(("name", "words"), [
    ("mine", "MODULE:NAME"), ("no_such_module_here:x", "can be imported"), ("missing.py:x", "can be imported"),
    ("math:nothing", "'nothing' in math")])
def test_names_that_lead_nowhere(name, words):
    with pytest.raises(InputError, match=words):
        load_model(name)


def test_a_module_in_other_words_and_a_function_that_fails(tmp_path, data):
    torch = pytest.importorskip("torch")
    (tmp_path / "other.py").write_text("import torch\nnet = torch.nn.Linear(3, 1)\ndef broken(): return 1 / 0\n")
    net = load_model(f"{tmp_path / 'other.py'}:net")
    assert isinstance(net, torch.nn.Linear)
    with pytest.raises(InputError, match="a Linear without encode; wrap it in an object that has both"):
        one_more(net, data, 1.0)
    with pytest.raises(InputError, match="called without arguments; received ZeroDivisionError"):
        load_model(f"{tmp_path / 'other.py'}:broken")


def test_what_is_no_model_is_refused(data):
    with pytest.raises(InputError, match="without encode"):
        one_more(3, data, 1.0)
    with pytest.raises(InputError, match="beta > 0"):
        one_more(object(), data, 0.0)


def test_a_training_afresh_is_judged_by_the_next_eigenvalue():
    x = np.random.default_rng(4).normal(size=(5000, 3)) * [3.0, 2.0, 1.0]
    values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    beta, direction, top = 2.5, vectors[:, -1:], values[-1]

    class Model:
        def encode(self, x):
            return x @ direction * np.sqrt(top - beta) / top, np.full((len(x), 1), np.log(beta / top))

        def decode(self, z):
            return z * np.sqrt(top - beta) @ direction.T

    found = one_more(Model(), 2 * x, beta, scaling=0.5)
    assert found.thresholds.linear == pytest.approx(values[-2], rel=1e-6)
    assert found.fresh
    assert not one_more(Model(), 2 * x, 1.01 * values[-2], scaling=0.5).fresh
    assert f"afresh with one more uses it below about {values[-2]:.4g}" in found.words
    assert found.to_dict()["fresh"] is True


@pytest.mark.parametrize("part", ["encode", "decode"])
def test_a_model_that_diverged_is_refused_in_a_sentence(data, part):
    class Diverged:
        def encode(self, x):
            return np.full((len(x), 2), np.nan if part == "encode" else 0.0), np.zeros((len(x), 2))

        def decode(self, z):
            return np.full((len(z), 3), np.inf)

    with pytest.raises(InputError, match=f"finite .* of the {part}r; received .* NaN or infinite; restart"):
        one_more(Diverged(), data, 1.0)
