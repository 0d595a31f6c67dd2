"""``vaesym.scan``: every likelihood, network and option runs, twice the same, and resumes; bad input is refused."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse, stats

import vaesym
from vaesym.inputs import InputError
from vaesym.practice.scan import training
from vaesym.practice.scan.networks import Conditioned
from vaesym.practice.scan.prepared import prepare
from vaesym.practice.scan.settings import checked
from vaesym.practice.scan.training import _shares, log_range_of

torch = pytest.importorskip("torch")

#: A training that ends at once.
TINY = {"latents": 2, "hidden": (8,), "epochs": 2, "batch": 40}


def data(samples: int = 80, features: int = 5) -> np.ndarray:
    rng = np.random.default_rng(0)
    return 2 * rng.normal(size=(samples, 1)) * np.ones(features) + rng.normal(size=(samples, features))


def of(likelihood: str) -> np.ndarray:
    rng, mean = np.random.default_rng(0), np.exp(data() / 3)
    draws = {"gaussian": data, "bernoulli": lambda: (data() > 0).astype(float), "poisson": lambda: rng.poisson(mean),
             "negative_binomial": lambda: rng.negative_binomial(2, 2 / (2 + mean)),
             "categorical": lambda: np.digitize(data(), [-1, 1])}
    return draws[likelihood]()


def numbers(found: vaesym.Scan) -> np.ndarray:
    return np.concatenate([found.to_xarray()[name].values.ravel() for name in ("kl", "distortion", "elbo")])


def log_likelihood_of_collapse(likelihood: str, values: np.ndarray) -> float:
    """Mean ln p(x) of independent features at their means, by SciPy."""
    mean = values.mean(axis=0)
    if likelihood == "gaussian":
        return float(stats.norm.logpdf(values, mean, 1.0).sum(axis=1).mean())
    if likelihood == "bernoulli":
        return float(stats.bernoulli.logpmf(values.astype(int), mean).sum(axis=1).mean())
    if likelihood == "poisson":
        return float(stats.poisson.logpmf(values, mean).sum(axis=1).mean())
    if likelihood == "categorical":
        shares = np.array([(values == code).mean(axis=0) for code in range(3)])
        return float(np.log(np.take_along_axis(shares, values, axis=0)).sum(axis=1).mean())
    theta = np.clip(mean**2 / np.maximum(values.var(axis=0) - mean, 1e-3 * mean**2), 1e-2, 1e3)
    return float(stats.nbinom.logpmf(values, theta, theta / (theta + mean)).sum(axis=1).mean())


@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli", "poisson", "negative_binomial", "categorical"])
def test_every_likelihood(likelihood):
    values = of(likelihood)
    found = vaesym.scan(values, likelihood=likelihood, held_out=0.0, **TINY)
    assert np.isfinite(numbers(found)).all()
    low, high = found.beta_range
    assert found.at(low).rate > 0 == found.at(high).rate == found.at(high).active
    # What the decoder starts from are independent features at their means, whose likelihood SciPy knows.
    observation, columns = found.ready.observation, torch.as_tensor(found.ready.values)
    start = torch.as_tensor(observation.offset, dtype=torch.float32).expand(len(values), -1)
    nats = observation.nats(columns, start, torch.as_tensor(np.log(observation.dispersion), dtype=torch.float32))
    mean = float(nats.mean())
    if likelihood == "gaussian":
        mean = mean * observation.unit**2 + values.shape[1] / 2 * np.log(2 * np.pi)
    assert -mean == pytest.approx(log_likelihood_of_collapse(likelihood, values), rel=1e-3)


@pytest.mark.parametrize("likelihood", ["bernoulli", "poisson", "negative_binomial", "categorical"])
def test_the_first_threshold_is_that_of_the_expansion(likelihood):
    """Standardised by the variance of the model, the top eigenvalue of the covariance."""
    values = of(likelihood)
    found = vaesym.scan(values, likelihood=likelihood, held_out=0.0, **TINY)
    mean = values.mean(axis=0)
    if likelihood == "bernoulli":
        exact = vaesym.collapse_thresholds(values, likelihood="bernoulli", latents=1).full_collapse
    elif likelihood == "categorical":
        onehot = np.concatenate([(values == code).astype(float) for code in range(3)], axis=1)
        block = np.cov(onehot.T, bias=True)
        same = np.kron(np.ones((3, 3)), np.eye(values.shape[1])) > 0
        # The information of each feature is the covariance of its own columns, of which one too many.
        exact = np.linalg.eigvals(np.linalg.pinv(np.where(same, block, 0.0)) @ block).real.max()
    else:
        spread = mean if likelihood == "poisson" else np.maximum(values.var(axis=0), mean * 1.001)
        exact = np.linalg.eigvalsh(np.cov(values.T, bias=True) / np.sqrt(np.outer(spread, spread)))[-1]
    assert found.ready.linear.thresholds[0] == pytest.approx(exact, rel=0.03)


def test_seeds_are_reproducible_and_give_intervals():
    first, again = (vaesym.scan(data(), seeds=2, **TINY) for _ in range(2))
    assert np.array_equal(numbers(first), numbers(again))
    single = vaesym.scan(data(), seed=1, **TINY)
    assert not np.array_equal(numbers(vaesym.scan(data(), **TINY)), numbers(single))
    point = first.at(1.0)
    low, high = point.intervals["loss"]
    assert low < point.loss < high
    assert single.at(1.0).intervals == {}


def test_a_scan_leaves_the_global_generator_alone():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    vaesym.scan(data(), **TINY)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("stop", [1, 3, 5])
def test_resumed_is_as_uninterrupted(tmp_path, stop):
    whole = vaesym.scan(data(), seeds=2, **(TINY | {"epochs": 3}))

    def interrupt(done: int, total: int) -> None:
        if done == stop:
            raise KeyboardInterrupt

    options = {**TINY, "epochs": 3, "seeds": 2, "checkpoint": tmp_path / "scan.pt"}
    with pytest.raises(KeyboardInterrupt):
        vaesym.scan(data(), progress=interrupt, **options)
    steps: list[int] = []
    resumed = vaesym.scan(data(), progress=lambda done, total: steps.append(done), **options)
    assert np.array_equal(numbers(whole), numbers(resumed))
    assert len(steps) == 2 * 3 - (stop - 1)
    assert np.array_equal(numbers(whole), numbers(vaesym.scan(data(), **options)))
    with pytest.raises(InputError, match="a checkpoint of this very scan"):
        vaesym.scan(data() + np.eye(80, 5), **options)
    (tmp_path / "scan.pt").write_text("nothing")
    with pytest.raises(InputError, match="cannot be read as one"):
        vaesym.scan(data(), **options)


def test_networks_of_ones_own_and_what_they_are_told():
    label = np.arange(80) % 2
    own = vaesym.scan(data(), encoder=lambda inputs: torch.nn.Linear(inputs, 6), latents=2, epochs=2,
                      decoder=lambda inputs: torch.nn.Sequential(torch.nn.Linear(inputs, 5)), condition=label)
    assert own.models[0].parts["encoder"].in_features == 5 + 2
    for name, size in (("encoder", 3), ("decoder", 4)):
        factories = {"encoder": lambda inputs: torch.nn.Linear(inputs, 6),
                     "decoder": lambda inputs: torch.nn.Linear(inputs, 5)}
        wrong = {**factories, name: lambda inputs, size=size: torch.nn.Linear(size, size)}
        with pytest.raises(InputError, match=f"expected an? {name}"):
            vaesym.scan(data(), latents=2, epochs=1, **wrong)
    with pytest.raises(InputError, match="gives 5 numbers a sample; received 7"):
        vaesym.scan(data(), latents=2, epochs=1, encoder=factories["encoder"],
                    decoder=lambda inputs: torch.nn.Linear(inputs, 7))


def test_convolutions_and_their_shape():
    images = np.random.default_rng(0).normal(size=(40, 96))
    found = vaesym.scan(images, latents=2, network="convolutional", hidden=(4, 8), shape=(6 // 3 * 2, 24), epochs=1,
                        condition=np.arange(40.0))
    assert found.at(1.0).kl.shape == (2,)
    assert found.models[0].parts["heads"]["mean"].in_features == 8 * 1 * 6 + 1
    for shape, words in ((None, "whose shape makes 96"), ((6, 16), "multiples of 4")):
        with pytest.raises(InputError, match=words):
            vaesym.scan(images, latents=2, network="convolutional", hidden=(4, 8), shape=shape, epochs=1)


def test_the_gates_of_closed_latents_are_exact_and_differentiable():
    found = vaesym.scan(data(), **TINY)
    model = found.models[0]
    batch = tuple(tensor[:3] for tensor in found._tensors)
    misfit, kl = model.terms(batch, 10.0, torch.randn(3, 2))
    assert (kl == 0).all()
    misfit.sum().backward()
    assert all(torch.isfinite(weight.grad).all() for weight in model.parts.parameters() if weight.grad is not None)
    assert torch.isfinite(model.log_gates.grad).all()


def begun(values: np.ndarray, **options: object) -> Conditioned:
    settings = checked(3, held_out=0.0, **options)
    ready = prepare(values, options.get("condition"), settings)
    return Conditioned(ready, settings, log_range_of(ready), 0)


NONE = torch.zeros((1, 0))


def test_the_first_gate_stays_where_full_collapse_is_known():
    """Not where θ is learned, with labels beside, or with numbers, of which a network can make more than a plane."""
    own = {"encoder": lambda inputs: torch.nn.Linear(inputs, 6), "decoder": lambda inputs: torch.nn.Linear(inputs, 5)}
    for options, stays in (({}, True), ({"hidden": ()}, True), (own, True), ({"condition": np.arange(80) % 3}, True),
                           ({"likelihood": "poisson"}, True), ({"likelihood": "negative_binomial"}, False),
                           ({"likelihood": "poisson", "condition": np.arange(80) % 3}, False),
                           ({"condition": np.arange(80.0)}, False)):
        model = begun(np.round(np.abs(data())), **options)
        told = torch.eye(3) if model.labelled else NONE
        model.gates(model.low, told).sum().backward()
        grad = model.log_gates.grad.reshape(-1, 3)
        assert (grad[:, 0] == 0).all() == stays
        assert (grad[:, 1:] != 0).all()


def test_no_gate_lies_beyond_full_collapse_where_it_is_known():
    model = begun(data())
    with torch.no_grad():
        model.log_gates[1] = model.log_gates[0] + 1
    model.bound()
    first = float(model.log_gates[0].detach())
    assert (model.gates(first + 1e-3, NONE) == 0).all()
    assert (model.gates(first - 1e-3, NONE)[:2] > 0).all()


def test_each_label_has_gates_of_its_own():
    """They start at the eigenvalues within it, those of a linear network at those of the mean covariance."""
    label, values = np.arange(90) % 3, data(90)
    values[label == 2] *= 4
    model = begun(values, condition=label)
    exact = [np.linalg.eigvalsh(np.cov(values[label == one].T, bias=True))[-1] for one in range(3)]
    unit = model.observation.unit**2
    assert model.log_gates.exp().detach().numpy()[:, 0] * unit == pytest.approx(exact, rel=1e-3)
    between = float(np.log(np.mean(exact[1:]) / unit))
    assert (model.gates(between, torch.eye(3))[:, 0] > 0).tolist() == [False, False, True]
    assert begun(values, condition=label, hidden=()).log_gates.shape == (3,)


def test_between_its_knots_a_network_is_their_mean_and_at_them_they():
    """Weights are linear in ln β from each knot to the next."""
    model = begun(data(), beta_range=(0.1, 10.0))
    for place, knot in enumerate(model.knots):
        for tensor in knot:
            torch.nn.init.constant_(tensor, float(place) ** 2)
    start, places = model.parts["encoder"][0].weight, model.places
    found = []
    for place in (places[1], (places[1] + places[2]) / 2, places[2]):
        model.tell(place)
        found.append(model._now["encoder.0.weight"] - start)
    assert found[0].detach().numpy() == pytest.approx(1.0, abs=1e-5)
    assert found[2].detach().numpy() == pytest.approx(4.0, abs=1e-5)
    assert found[1].detach().numpy() == pytest.approx(2.5, abs=1e-5)


def test_thresholds_with_a_gap_between_them_are_knots():
    """Where the second latent closes, the first begins to do its work, and where the first does, all ends."""
    values = np.random.default_rng(0).normal(size=(4000, 4)) * [6, 3, 2.8, 0.5]
    model = begun(values, beta_range=(0.1, 50.0))
    known = np.log(np.linalg.eigvalsh(np.cov(values.T, bias=True))[::-1] / model.observation.unit**2)
    distance = np.abs(np.subtract.outer(known[:3], model.places)).min(axis=1)
    assert distance[:2].max() < 1e-5
    assert distance[2] > 0.1, "of two close thresholds the larger"
    assert np.diff(model.places).max() <= 0.9 + 1e-9
    assert (model.places[0], model.places[-1]) == (model.low, model.high)
    assert len(model.knots) == len(model.places)


def test_units_of_many_inputs_move_no_further_than_others():
    """At one rate for all, a step moves what a unit of an encoder receives in proportion to its inputs."""
    values = np.random.default_rng(0).normal(size=(50, 400))
    model = begun(values, hidden=(8, 6), condition=np.arange(50.0))
    shares = {id(tensor): share for share, tensors in _shares(model).items() for tensor in tensors}
    found = [(name, shares[id(tensor)]) for name, tensor in model.weights()]
    assert len(found) == len(shares) == len(list(model.parts.parameters())) * (1 + len(model.knots))
    assert {share for name, share in found if name == "encoder.0.weight"} == {100 / 401}
    assert {share for name, share in found if name != "encoder.0.weight"} == {1.0}


def test_a_plain_scan_has_no_gates():
    plain = vaesym.scan(data(), gated=False, **TINY)
    assert plain.at(plain.beta_range[1]).rate > 0


def test_a_result_tells_all_it_knows():
    found = vaesym.scan(data(), **TINY)
    curve = found.to_xarray()
    assert dict(curve.sizes) == {"seed": 1, "part": 2, "beta": 48, "latent": 2}
    beta = float(curve.beta[5])
    point, place = found.at(beta), {"seed": 0, "beta": 5}
    assert point.rate == pytest.approx(float(curve.rate.sel(part="training").isel(place)))
    assert point.held_out.elbo == pytest.approx(float(curve.elbo.sel(part="held_out").isel(place)))
    assert point.loss == pytest.approx(point.distortion / 2 + beta * point.rate)
    assert point.elbo == pytest.approx(-point.distortion / 2 - point.rate - 2.5 * np.log(2 * np.pi))
    assert point.linear.kl == pytest.approx(np.log(np.maximum(found.ready.linear.thresholds / beta, 1)) / 2)
    assert json.loads(json.dumps(found.to_dict()))["full_collapse"] == found.full_collapse
    assert len(found.figure().axes) == 2
    assert max(map(len, str(found).splitlines())) <= 80
    assert "…" not in str(found)  # no number and no heading is cut off
    assert "full collapse: from β" in str(found)
    nats = float(curve.rate.sel(part="training").isel(seed=0).max()) / 2
    assert found.at(found.beta_for_kl(nats)).rate == pytest.approx(nats, rel=0.05)
    assert found.beta_for_active(0)[0] == pytest.approx(found.full_collapse)


FAULTS = [
    ({"latents": 0}, "latents >= 1"), ({"hidden": "256"}, "hidden as the widths"), ({"hidden": (0,)}, "hidden >= 1"),
    ({"likelihood": "cauchy"}, "likelihood as one of"), ({"beta_range": (2.0, 1.0)}, "0 < low < high"),
    ({"beta_range": 3.0}, "0 < low < high"), ({"epochs": 0}, "epochs >= 1"), ({"seed": -1}, "seed as a whole"),
    ({"seeds": 0}, "seeds >= 1"), ({"network": "resnet"}, "network as one of"), ({"variance": -1.0}, "variance > 0"),
    ({"variance": "free"}, "'learned'"), ({"variance": 2.0, "likelihood": "poisson"}, "gaussian alone"),
    ({"held_out": 1.0}, "held_out as a share"), ({"batch": 0}, "batch >= 1"), ({"gated": 2}, "gated as True"),
    ({"learning_rate": 0}, "learning_rate > 0"), ({"device": "abacus"}, "a device of this machine"),
    ({"encoder": 3}, "encoder as a function"), ({"encoder": torch.nn.Linear}, "encoder and decoder together"),
    ({"shape": (28,)}, "shape as"), ({"shape": (1, 5)}, "beside the convolutional"), ({"checkpoint": 3}, "as the path"),
    ({"network": "convolutional", "hidden": ()}, "at least one convolution"),
    ({"condition": np.zeros(80)}, "a condition that varies"), ({"condition": np.arange(3)}, "each of the 80 samples"),
    ({"condition": np.arange(80)}, "more samples than"), ({"likelihood": "bernoulli"}, r"values in \[0, 1\]"),
    ({"likelihood": "poisson"}, "whole numbers >= 0"), ({"likelihood": "categorical"}, "codes 0 to 255 of categories"),
    ({"likelihood": "multinomial"}, "for a scan"), ({"likelihood": "vq"}, "a quantised latent"),
    ({"groups": 2}, "groups with likelihood categorical"),
    ({"likelihood": "categorical", "groups": [2, 2]}, "groups that make up the 5 features"),
]


@pytest.mark.parametrize(("options", "words"), FAULTS, ids=[words for _, words in FAULTS])
def test_bad_input_is_one_sentence(options, words):
    with pytest.raises(InputError) as caught:
        vaesym.scan(data(), **(TINY | options))
    assert re.search(words, str(caught.value))
    assert str(caught.value).count(";") == 2
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("ask", "words"), [
    (lambda found: found.at(1e9), "the range of this scan"), (lambda found: found.at(-1), "beta > 0"),
    (lambda found: found.beta_for_kl(1e6), "a total KL from"), (lambda found: found.beta_for_active(9), "from 0 to 2"),
    (lambda found: found.beta_for_distortion(1e9), "a distortion from")])
def test_questions_beyond_the_scan_are_refused(ask, words):
    with pytest.raises(InputError, match=words):
        ask(vaesym.scan(data(), **TINY))


def test_a_loss_that_diverges_is_said():
    with pytest.raises(InputError, match="a loss that stays finite"):
        vaesym.scan(of("poisson") * 10**6, likelihood="poisson", **(TINY | {"learning_rate": 1e4, "epochs": 20}))


def test_a_dispersion_follows_beta():
    """One dispersion for all β is that beside active latents, which then seem worth their price at any β."""
    found = vaesym.scan(of("negative_binomial"), likelihood="negative_binomial", **TINY)
    model, batch = found.models[0], tuple(tensor[:2] for tensor in found._tensors)
    for layer in model.parts["decoder"].modules():
        if isinstance(layer, torch.nn.Linear):
            torch.nn.init.zeros_(layer.weight)
            torch.nn.init.zeros_(layer.bias)
    for tensors in model.knots:
        for tensor in tensors:
            torch.nn.init.zeros_(tensor)
    shift = torch.tensor([0.1, 0.5, 0.0, -0.2, 0.3])
    model.knots[0][model._names.index("dispersion.shift")].data.copy_(shift)
    with torch.no_grad():
        nats = np.stack([model.terms(batch, at, torch.zeros(2, 2))[0].numpy()
                         for at in (model.low, model.high)])
        own = model.log_theta + model.parts["dispersion"]["shift"]
        theta = torch.stack([own + shift, own]).exp().numpy()[:, None]
        mean = np.exp(model.offset.numpy())
    exact = -stats.nbinom.logpmf(batch[0].numpy(), theta, theta / (theta + mean)).sum(axis=-1)
    assert nats == pytest.approx(exact, rel=1e-4)


def test_sparse_data_are_scanned_as_the_same_dense_ones(monkeypatch):
    counts = np.random.default_rng(0).poisson(1.0, size=(60, 5)).astype(float)
    dense, thin = (vaesym.scan(data, latents=2, epochs=2, hidden=(8,)) for data in (counts, sparse.csr_array(counts)))
    assert thin.full_collapse == dense.full_collapse
    monkeypatch.setattr("vaesym.practice.scan.prepared._MOST", 299)
    with pytest.raises(InputError, match="expected up to 299 values, which a training holds in memory; received 300"):
        vaesym.scan(counts, latents=2)


def test_a_range_that_ends_before_full_collapse_is_told():
    found = vaesym.scan(data(), **(TINY | {"beta_range": (0.01, 0.02)}))
    assert found.full_collapse == pytest.approx(0.02)
    assert "full collapse: beyond β = 0.02, the end of this scan" in str(found)


def test_the_range_of_labels_contains_full_collapse():
    """A latent can serve one label alone, beyond the top eigenvalue of the mean of the covariances within labels."""
    label, values = np.arange(300) % 3, data(300)
    values[label == 2] *= 4
    found = vaesym.scan(values, condition=label, **TINY)
    linear = found.ready.linear
    assert linear.collapse > 1.8 * linear.thresholds[0]
    assert found.beta_range[1] > linear.collapse
    # Where the KL of the last label, in a third of the samples, is 0.01 in the mean.
    assert linear.collapse == pytest.approx(linear.labelled[2, 0] * np.exp(-0.02 / linear.shares[2]), rel=1e-6)
    assert "of networks that treat each label for itself" in " ".join(str(found).split())


def test_a_label_of_one_sample_or_of_none_to_train_on():
    label = np.array([0] * 39 + [1] * 40 + [2])
    found = vaesym.scan(data(), condition=label, **TINY)
    assert np.isfinite(numbers(found)).all()


def test_a_small_part_far_from_the_rest_keeps_a_latent_beyond_the_top_eigenvalue():
    """Full collapse is stable there, but networks that were trained with a smaller β have a smaller loss without."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(1000, 6))
    values[:20, 0] += 20
    found = vaesym.scan(values, latents=1, hidden=(32,), epochs=80, held_out=0.0, batch=100, beta_range=(1.0, 80.0))
    top = found.ready.linear.thresholds[0]
    assert found.ready.linear.last > 4 * top
    assert found.full_collapse > 2 * top
    point = found.at(1.5 * top)
    assert point.loss < 0.9 * np.trace(np.cov(values.T, bias=True)) / 2
    # Networks for all β from the first step on had nothing better than full collapse there.
    assert found.at(2.0 * top).loss < 0.99 * np.trace(np.cov(values.T, bias=True)) / 2
    assert "better states are there" in " ".join(str(found).split())
    assert vaesym.scan(values, latents=1, hidden=(), epochs=1, held_out=0.0).ready.linear.last == 0.0


def test_knots_beyond_the_first_threshold_join_one_after_the_other(tmp_path, monkeypatch):
    """Each begins as the one before is then; and what is resumed in between is as if it had not been interrupted."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, 4))
    values[:8, 0] += 20
    top, joined, seen = np.linalg.eigvalsh(np.cov(values.T, bias=True))[-1], [], []
    join, step = Conditioned.join, training._step

    def noted(model, last, new):
        before = [tensor.clone() for tensor in model.knots[last]]
        join(model, last, new)
        if new > last:
            joined.append((last, new))
            assert all(torch.equal(*pair) for pair in zip(before, model.knots[new], strict=True))

    def watched(job, model, optimiser, drawn, places):
        beyond = np.log(top / model.observation.unit**2)
        reached = joined[-1][1] if joined else np.searchsorted(model.places, beyond)
        seen.append(max(places) - model.places[reached])
        return step(job, model, optimiser, drawn, places)

    monkeypatch.setattr(Conditioned, "join", noted)
    monkeypatch.setattr(training, "_step", watched)
    options = {"latents": 2, "hidden": (8,), "epochs": 9, "batch": 100, "held_out": 0.0}
    whole = vaesym.scan(values, **options)
    last = len(whole.models[0].places) - 1
    assert joined == [(place, place + 1) for place in range(joined[0][0], last)]
    assert len(joined) >= 2
    assert max(seen) < 0

    def interrupt(done: int, total: int) -> None:
        if done == total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        vaesym.scan(values, checkpoint=tmp_path / "scan.pt", progress=interrupt, **options)
    assert np.array_equal(numbers(whole), numbers(vaesym.scan(values, checkpoint=tmp_path / "scan.pt", **options)))


@pytest.mark.parametrize("own", [False, True])
def test_full_collapse_given_labels_and_of_own_networks(own):
    """Within 5 %: where the gate was learned it was a tenth off."""
    rng = np.random.default_rng(0)
    label = np.arange(600) % 3
    values = rng.normal(size=(600, 4)) * np.sqrt([6.0, 2.0, 0.5, 0.5]) + 8 * np.eye(4)[label]
    networks = {"encoder": lambda inputs: torch.nn.Sequential(torch.nn.Linear(inputs, 24), torch.nn.Tanh()),
                "decoder": lambda inputs: torch.nn.Sequential(torch.nn.Linear(inputs, 24), torch.nn.Tanh(),
                                                              torch.nn.Linear(24, 4))}
    found = vaesym.scan(values, latents=2, condition=label, epochs=150, batch=100, held_out=0.0,
                        **(networks if own else {"hidden": (24,)}))
    assert found.full_collapse == pytest.approx(found.ready.linear.collapse, rel=0.05)


def test_full_collapse_of_binary_data():
    """At the first threshold, which is exact: where the gate was learned it was 16 % below, with nothing said."""
    rng = np.random.default_rng(0)
    factors, weights = rng.normal(size=(1000, 3)), 0.5 * rng.normal(size=(3, 10))
    values = (rng.random((1000, 10)) < 1 / (1 + np.exp(-factors @ weights))).astype(float)
    exact = vaesym.collapse_thresholds(values, likelihood="bernoulli").thresholds[0]
    found = vaesym.scan(values, latents=4, hidden=(32,), likelihood="bernoulli", epochs=150, held_out=0.0)
    assert found.full_collapse == pytest.approx(exact, rel=0.05)


@pytest.mark.parametrize("hidden", [(), (16,)])
def test_more_latents_than_directions_of_the_data(hidden):
    """It is told, and leaves the default range as it is; in linear networks the surplus is collapsed at every β."""
    values = np.random.default_rng(0).normal(size=(300, 2)) * [3.0, 1.0] @ np.eye(2, 5)
    found, enough = (vaesym.scan(values, latents=latents, hidden=hidden, epochs=2, batch=50) for latents in (4, 2))
    assert found.beta_range == pytest.approx(enough.beta_range, rel=1e-5)
    assert np.count_nonzero(found.at(0.5).kl > 1e-6) == 2 or hidden
    assert "the data vary in 2 directions only" in " ".join(str(found).split())
    assert "directions only" not in str(enough)


@pytest.mark.parametrize("options", [{}, {"hidden": ()}, {"condition": np.arange(80) % 2}])
def test_a_range_beyond_full_collapse_has_nothing_active(options):
    """The first gate was put into the range, and full collapse was found at a fifth above its low end."""
    found = vaesym.scan(data(), **(TINY | {"beta_range": (100.0, 200.0)} | options))
    assert found.full_collapse == 0.0
    assert "no latent is active anywhere in the range" in str(found)


def test_a_scan_says_where_it_is_not_at_its_best():
    """Networks made for one β are judged at another: the loss is a straight line in β."""
    values = of("bernoulli")
    found = vaesym.scan(values, likelihood="bernoulli", held_out=0.0, **TINY)
    curve = found.to_xarray().sel(part="training").mean("seed")
    beta, rate, loss = curve.beta.values, curve.rate.values, curve.loss.values
    at_last = loss + (beta[-1] - beta) * rate
    assert found.excess()[-1] == pytest.approx(1 - at_last.min() / loss[-1])
    assert found.excess().min() >= 0
    assert ("not at their best" in " ".join(str(found).split())) == bool(found.excess().max() > 0.01)


def test_where_every_network_is_the_best_nothing_is_said():
    found = vaesym.scan(data(2000), latents=2, hidden=(), epochs=60)
    assert found.excess().max() < 0.01
    assert "not at their best" not in " ".join(str(found).split())
    rough = replace(found)
    rough.__dict__["_curve"] = found.to_xarray().assign(distortion=found.to_xarray().distortion * np.linspace(2, 1, 48))
    assert rough.excess().max() > 0.01
    assert "not at their best" in " ".join(str(rough).split())
    # Two stretches of β are told apart.
    humps = np.ones(48)
    humps[[3, 4, 30]] = 2
    rough.__dict__["_curve"] = found.to_xarray().assign(distortion=found.to_xarray().distortion * humps)
    beta = found.to_xarray().beta.values
    words = f"from β = {beta[3]:.3g} to {beta[4]:.3g} and at β = {beta[30]:.3g} the loss"
    assert words in " ".join(str(rough).split())


@pytest.mark.parametrize("variance", [0.01, 4.0, "learned"])
def test_excess_knows_the_decoders_variance(variance):
    found = vaesym.scan(data(), variance=variance, held_out=0.0, **TINY)
    curve = found.to_xarray().sel(part="training").mean("seed")
    beta, rate, loss = curve.beta.values, curve.rate.values, curve.loss.values
    lines = loss - beta * rate + np.multiply.outer(beta, rate)
    worse = loss - lines.min(axis=1)
    if variance == "learned":
        assert not found.excess().any()
    else:
        base = loss - data().shape[1] / 2 * np.log(variance)
        np.testing.assert_allclose(found.excess(), worse / base, atol=1e-9)


def test_a_network_that_is_made_already_is_no_factory():
    for module in ("encoder", "decoder"):
        both = dict.fromkeys(("encoder", "decoder"), lambda inputs: torch.nn.Linear(inputs, 5))
        with pytest.raises(InputError, match=f"{module} as a function .* received a Linear"):
            vaesym.scan(data(), **{**TINY, **both, module: torch.nn.Linear(5, 5)})


@pytest.mark.parametrize(("shift", "factor"), [(1e9, 1.0), (0.0, 1e60), (0.0, 1e-12), (-1e-3, 1e-12), (0.0, 1e-40)])
@pytest.mark.parametrize("condition", [None, np.arange(80) % 2])
def test_shift_and_unit_of_the_data_change_nothing_but_the_unit(shift, factor, condition):
    plain = vaesym.scan(data(), condition=condition, **TINY)
    moved = vaesym.scan(factor * data() + shift, condition=condition, **TINY)
    loose = 1e-5 if shift else 1e-9
    np.testing.assert_allclose(moved.ready.linear.thresholds / factor**2, plain.ready.linear.thresholds, rtol=loose)
    assert moved.full_collapse / factor**2 == pytest.approx(plain.full_collapse, rel=100 * loose)


def test_data_whose_squares_overflow_are_told_as_that():
    with pytest.raises(InputError, match="covariance that overflows"):
        vaesym.scan(1e200 * data(), **TINY)
