"""The numbers of the explorer are those of vaesym: solution, thresholds, spectra, dropped data, training in time."""

import json

import numpy as np
import pytest

import vaesym
from vaesym.linear_vae import global_collapse_threshold
from vaesym.linear_vae.curves.spectra import noise_density
from vaesym.linear_vae.point.evaluation import FIELDS
from vaesym.linear_vae.point.potential import potential_branches
from vaesym.page.build import bundle
from vaesym.practice.data.readers import load_data

#: What vaesym returns for each latent; of these the page shows the first.
PER_LATENT = ("Q", "E", "R", "m", "d", "D", "eigenvalue", "overlap", "phase")


def drawn(count, seed=0):
    rng = np.random.default_rng(seed)
    lam = np.where(rng.uniform(size=count) < 0.2, 0.0, np.exp(rng.uniform(-5, 2, count)))
    columns = [np.exp(rng.uniform(np.log(0.05), np.log(100), count)), np.exp(rng.uniform(-4, 1.5, count)), lam,
               np.exp(rng.uniform(-1, 1, count)), np.exp(rng.uniform(-1, 1, count))]
    return np.array(columns), rng.integers(1, 5, (2, count))


@pytest.fixture(scope="module")
def expected():
    parameters, (latents, signals) = drawn(10_000)
    rows = np.empty((len(FIELDS), 10_000))
    for m in range(1, 5):
        for s in range(1, 5):
            at = (latents == m) & (signals == s)
            a, b, decay, rho, eta = parameters[:, at]
            solution = vaesym.solve(a, b, lam=decay, rho=rho, eta=eta, latents=m, spikes=s)
            for i, name in enumerate(FIELDS):
                values = getattr(solution, name)
                rows[i, at] = values[..., 0] if name in PER_LATENT and m > 1 else values
    return parameters, (latents, signals), rows


def test_ten_thousand_points_equal_solve(run_javascript, expected):
    parameters, counts, rows = expected
    source = bundle("model") + "export const numbers = (...row) => module_model.solveRows([row])[0];"
    found = run_javascript(source, "numbers", np.vstack([parameters, counts]).T).T
    phase = FIELDS.index("phase")
    assert {0, 1, 2} == set(rows[phase])
    np.testing.assert_array_equal(found[phase], rows[phase])
    a, b, decay, rho, eta = parameters
    away = np.abs(a / (eta / rho) ** 2 - 1) > 1e-2
    threshold = global_collapse_threshold(a, lam=decay, rho=rho, eta=eta)
    away &= np.abs(b - threshold) > 1e-2 * threshold
    assert away.mean() > 0.9
    # A distortion is a difference: of what it is made of 1e-12.
    scale = {"distortion": np.max(counts, axis=0) * (rho + eta)}
    for name, page, exact in zip(FIELDS, found[:, away], rows[:, away], strict=True):
        size = np.maximum(np.abs(exact), scale[name][away] if name in scale else 0.0)
        assert (np.abs(page - exact) <= 1e-12 * size).all(), (name, np.abs(page - exact).max())


def test_the_picture_of_phases_is_that_of_the_points(run_script):
    script = bundle("model") + """
      const p = { alpha: 1, beta: 1, lam: 0.5, rho: 1.3, eta: 0.8, latents: 1, signals: 1 };
      const { geometric, linear, phases, solve } = module_model;
      const alphas = geometric(0.05, 100, 60), betas = linear(0.01, 3, 50), picture = phases(alphas, betas, p);
      const all = Array.from(alphas, alpha => Array.from(betas, beta => solve({ ...p, alpha, beta }).phase)).flat();
      console.log(JSON.stringify([Array.from(picture), all]));"""
    picture, points = run_script(script)
    assert picture == points
    assert set(picture) == {0, 1, 2}


def test_boundaries_and_stationary_points(run_script):
    # The last has an active state, a barrier and collapse.
    a, b, decay, rho, eta = np.hstack([drawn(200, seed=1)[0], [[0.7], [0.036], [3.0], [1.0], [1.0]]])
    keys = ("alpha", "beta", "lam", "rho", "eta")
    points = [dict(zip(keys, row, strict=True)) for row in np.array([a, b, decay, rho, eta]).T.tolist()]
    script = bundle("model") + f"""
      const {{ localThreshold, globalThreshold, stationaryPoints, topEigenvalue }} = module_model;
      console.log(JSON.stringify({json.dumps(points)}.map(p => [localThreshold(p.alpha, p), globalThreshold(p.alpha, p),
        stationaryPoints(p), topEigenvalue(p.alpha, p.rho, p.eta)])));"""
    local, best, stationary, top = zip(*run_script(script), strict=True)
    exact = [threshold(a, lam=decay, rho=rho, eta=eta) for threshold in (vaesym.collapse_threshold,
                                                                         global_collapse_threshold)]
    np.testing.assert_allclose(local, np.maximum(exact[0], 0), rtol=1e-12)
    np.testing.assert_allclose(best, exact[1], rtol=1e-9, atol=1e-12)
    branches = potential_branches(a, b, decay, np.array(top))
    for found, at_point in zip(stationary, branches, strict=True):
        np.testing.assert_allclose(found, np.sort(at_point[np.isfinite(at_point)]), rtol=1e-7)
    assert {len(found) for found in stationary} == {1, 2, 3}


def test_spectrum_and_eigenvalues(run_script):
    matrix = np.random.default_rng(2).normal(size=(40, 40))
    matrix = matrix + matrix.T
    script = bundle("spectrum") + f"""
      const {{ eigenvalues, noiseDensity, drawnSpectrum }} = module_spectrum;
      const law = [0.1, 0.5, 1, 2, 3].map(x => noiseDensity(x, 4, 1.1));
      const values = eigenvalues(Float64Array.from({json.dumps(matrix.ravel().tolist())}), 40);
      const sample = drawnSpectrum({{ alpha: 4, rho: 1, eta: 1, signals: 2 }}, 150, 7);
      const few = drawnSpectrum({{ alpha: 0.5, rho: 1, eta: 1, signals: 1 }}, 100, 7);
      console.log(JSON.stringify([law, Array.from(values), Array.from(sample), Array.from(few)]));"""
    law, values, sample, few = run_script(script)
    np.testing.assert_allclose(law, noise_density([0.1, 0.5, 1, 2, 3], 4.0, eta=1.1), rtol=1e-12)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(matrix)[::-1], rtol=1e-11, atol=1e-11)
    # Two outliers at 2.5, the mean of 148 others near 1; with half as many samples as dimensions half are zero.
    assert np.abs(np.array(sample[:2]) - 2.5).max() < 0.5
    assert abs(np.mean(sample[2:]) - 1) < 0.05
    assert np.count_nonzero(few) == 50


def tables(folder):
    """Yield (name, path) of files that hold the digits, as programs write them."""
    digits = load_data("digits").array
    wide = np.random.default_rng(3).normal(size=(30, 60)) @ np.diag(np.geomspace(3, 1, 60)) + 5
    pixels = np.random.default_rng(4).integers(0, 256, (80, 3, 4)).astype(np.uint8)
    np.save(folder / "digits.npy", np.asfortranarray(digits))
    np.save(folder / "wide.npy", wide.astype(np.float32))
    np.save(folder / "pixels.npy", pixels)
    np.save(folder / "whole.npy", (100 * wide).astype(">i4"))
    np.savetxt(folder / "plain.csv", digits, delimiter=",")
    header = ",".join(f'"x, {i}"' for i in range(60))
    np.savetxt(folder / "named.csv", wide, delimiter=",", header=header, comments="")
    rows = "\n".join(f"{i};" + ";".join(f"{v:.6f}".replace(".", ",") for v in row) for i, row in enumerate(wide))
    names = ";".join(f"c{i}" for i in range(60))
    (folder / "indexed.csv").write_bytes(f"\ufeff;{names}\n{rows}".replace("\n", "\r\n").encode())
    return [folder / f"{name}" for name in ("digits.npy", "wide.npy", "pixels.npy", "whole.npy", "plain.csv",
                                            "named.csv", "indexed.csv")]


SCRIPT = """
import { openAsBlob } from 'fs';
const loss = { likelihood: 'gaussian', reconstruction: 'mean', kl: 'mean', half: 'without', weight: 0.7, batch: 32,
  klWeight: 0.03 }, out = [];
for (const name of NAMES) {
  try {
    const table = await module_files.read(await openAsBlob(name), name, () => undefined);
    const { eigenvalues } = module_spectrum.covarianceSpectrum(table);
    out.push(module_spectrum.thresholds({ eigenvalues, features: table.features }, loss, 8));
  } catch (error) { out.push(error.message); }
}
console.log(JSON.stringify(out));"""


def test_dropped_files_give_the_thresholds_of_advise(run_script, tmp_path):
    paths = tables(tmp_path)
    script = f"const NAMES = {json.dumps([path.name for path in paths])};" + SCRIPT
    loss = vaesym.LossScale("mean", "mean", 0.7, 0.03, batch_factor=32, kl_half=False)
    for path, rows in zip(paths, run_script(bundle("files") + bundle("spectrum") + script), strict=True):
        assert isinstance(rows, list), (path.name, rows)
        advice = vaesym.advise(str(path), latents=8, loss=loss, intervals=None)
        for row, latent in zip(rows, advice.latents, strict=True):
            assert row["collapse"] == pytest.approx(latent.collapse_weight, rel=1e-9), path.name
            assert row["kl"] == pytest.approx(latent.kl, rel=1e-9, abs=1e-12), path.name


def test_full_collapse_of_other_likelihoods(run_script, tmp_path):
    rng = np.random.default_rng(8)
    counts = rng.poisson(np.exp(rng.normal(size=(300, 1)) * 0.5) * rng.uniform(0, 2, 12))
    counts[:, 3] = 0
    tables = {"counts.csv": counts, "shares.csv": counts / counts.max(), "bytes.npy": counts.astype(np.uint8),
              "binary.npy": (counts > 1).astype(np.uint8)}
    for name, table in tables.items():
        if name.endswith("npy"):
            np.save(tmp_path / name, table)
        else:
            np.savetxt(tmp_path / name, table, delimiter=",")
    cases = [("shares.csv", "bernoulli"), ("bytes.npy", "poisson"), ("counts.csv", "poisson"),
             ("counts.csv", "gaussian_shared"), ("counts.csv", "gaussian_diagonal"),
             ("counts.csv", "bernoulli"), ("binary.npy", "bernoulli")]
    script = f"""import {{ openAsBlob }} from 'fs';
      const out = [];
      for (const [name, likelihood] of {json.dumps(cases)}) {{
        const loss = {{ likelihood, reconstruction: 'mean', kl: 'sum', half: 'with', weight: 0.8, batch: 1,
          klWeight: 1 }};
        const table = await module_files.read(await openAsBlob(name), name, () => undefined, likelihood);
        try {{
          const {{ eigenvalues }} = module_spectrum.covarianceSpectrum(table, () => undefined,
            likelihood);
          out.push(module_spectrum.thresholds({{ eigenvalues, features: 12 }}, loss, 5).map(row => row.collapse));
        }} catch (error) {{ out.push(error.message); }}
      }}
      console.log(JSON.stringify(out));"""
    *found, refused, binary = run_script(bundle("files") + bundle("spectrum") + script)
    assert "bernoulli expects values from 0 to 1" in refused
    assert "0 and 1 only" in binary
    for weights, (name, likelihood) in zip(found, cases, strict=False):
        top = vaesym.collapse_thresholds(tables[name], likelihood=likelihood, latents=1).thresholds[0]
        loss = vaesym.LossScale("mean", reconstruction_weight=0.8, likelihood=likelihood)
        assert weights == [pytest.approx(loss.kl_weight_for(top, n_features=12, n_latents=5), rel=1e-9)], likelihood


def test_broken_files_say_what_is_wrong(run_script, tmp_path):
    broken = {"hole.csv": "1,2\n3,\n4,5\n", "word.csv": "1,2\n3,cat\n", "ragged.csv": "1,2\n3\n", "nothing.csv": "",
              "one.csv": "1,2,3\n", "same.csv": "1,2\n1,2\n1,2\n",
              "tiny.csv": "1e-300,2e-300\n2e-300,1e-300\n3e-300,7e-300",
              "large.csv": "1e300\n2e300\n-3e300", "octal.csv": "1,2\n0x10,3\n",
              "picture.png": "x", "text.npy": "hello, I am text"}
    for name, text in broken.items():
        (tmp_path / name).write_text(text)
    np.save(tmp_path / "nan.npy", np.array([[1.0, np.nan], [2.0, 3.0]]))
    np.save(tmp_path / "line.npy", np.arange(5.0))
    np.save(tmp_path / "words.npy", np.array([["a", "b"], ["c", "d"]]))
    (tmp_path / "cut.npy").write_bytes((tmp_path / "nan.npy").read_bytes()[:-8])
    names = [*broken, "nan.npy", "line.npy", "words.npy", "cut.npy"]
    script = f"const NAMES = {json.dumps(names)};" + SCRIPT
    words = ["line 2, column 2", "line 2, column 2 has “cat”", "line 2 has 1 values", "has none", "two samples",
             "every column", "too small", "too large", "line 2, column 1", "a file .csv or .npy",
             "numpy.save wrote", "row 1, column 2", "fewer than two dimensions",
             "plain numbers", "ends before"]
    for message, expected_words in zip(run_script(bundle("files") + bundle("spectrum") + script), words, strict=True):
        assert expected_words in message


def test_training_ends_in_the_state_of_least_loss(run_script):
    """A flow from small weights: learning, and the measures of section 9b that drive it."""
    script = bundle("flow") + """
      const out = [[4, 0.3, 0.2], [2, 1, 1]].map(([alpha, beta, lam]) => {
        const p = { alpha, beta, lam, rho: 1, eta: 1, latents: 1, signals: 1 }, run = module_flow.train(p);
        const { s, random, signal } = module_flow.measures(p);
        const sum = (w, power) => w.reduce((total, x, i) => total + x * s[i] ** power, 0);
        return [sum(random, 0), sum(random, 1), sum(signal, 0), sum(signal, 1), run.Q.at(-1), run.m.at(-1),
          run.D.at(-1), run.error.at(-1), run.rate.at(-1)];
      });
      console.log(JSON.stringify(out));"""
    for (alpha, beta, lam), row in zip([(4, 0.3, 0.2), (2, 1, 1)], run_script(script), strict=True):
        np.testing.assert_allclose(row[:4], [1, 1, 1, 2], rtol=1e-6)
        exact = vaesym.solve(alpha, beta, lam=lam)
        state = [exact.Q, exact.m, exact.D, exact.signal_recovery_error, exact.rate]
        np.testing.assert_allclose(row[4:], [float(value) for value in state], rtol=1e-5)


def finite_training(alpha, beta, lam, size, start, times, dimension, seed):
    """The same flow for one drawn sample, by small steps along the eigenvectors of its covariance."""
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(round(alpha * dimension), dimension))
    data[:, 0] *= np.sqrt(2)
    values, vectors = np.linalg.eigh(data.T @ data / len(data))
    teacher = np.zeros(dimension)
    teacher[0] = np.sqrt(dimension)
    w, v = (vectors.T @ (start * teacher + size * rng.normal(size=dimension)) for _ in range(2))
    d, phi, now, out = 1.0, lam / alpha, 0.0, []
    for time in times:
        while now < time:
            step = min(0.005, time - now)
            q, c = w @ w / dimension, values @ v**2 / dimension
            dw = values * v - (c + d + phi) * w
            dv = values * w - (q + beta) * values * v - phi * v
            w, v, d, now = w + step * dw, v + step * dv, d - step * (q + beta - beta / d) / 2, now + step
        out.append((w @ w / dimension, w @ (vectors.T @ teacher) / dimension))
    return np.array(out)


def test_training_in_time_is_that_of_a_large_sample(run_script):
    script = bundle("flow") + """
      const p = { alpha: 2, beta: 0.3, lam: 0.2, rho: 1, eta: 1, latents: 1, signals: 1 };
      const { time, Q, m } = module_flow.train(p, 0.3, 0.3);
      console.log(JSON.stringify([time, Q, m]));"""
    time, q, m = map(np.array, run_script(script))
    times = np.array([1.0, 2.0, 4.0, 8.0])
    runs = np.array([finite_training(2, 0.3, 0.2, 0.3, 0.3, times, 300, seed) for seed in range(4)])
    limit = np.stack([np.interp(times, time, q), np.interp(times, time, m)], axis=1)
    assert (np.abs(runs.mean(axis=0) - limit) < 3 * runs.std(axis=0) / np.sqrt(4) + 0.02).all()


def test_every_view_is_drawn_at_any_parameters(run_script):
    rng = np.random.default_rng(6)
    points = [dict(zip(("alpha", "beta", "lam", "rho", "eta"), row, strict=True), latents=m, signals=k)
              for row, m, k in zip((10 ** rng.uniform(-6, 6, (40, 5))).tolist(), *rng.integers(1, 6, (2, 40)).tolist(),
                                   strict=True)]
    script = bundle("views") + f"""
      const theme = {{ ink: '#000', faint: '#ccc', paper: '#fff' }}, out = [], points = {json.dumps(points)};
      for (const p of points) for (const eigenvalues of [null, [p.rho, p.eta, 0].sort((a, b) => b - a)]) {{
        const data = eigenvalues && {{ name: 'data', samples: 10, features: 3, varying: 3, eigenvalues }};
        const loss = {{ likelihood: p.latents > 3 ? 'poisson' : 'gaussian', reconstruction: 'sum', kl: 'mean',
          half: 'with', weight: 0.5, batch: 1, klWeight: p.beta }};
        for (const view of module_views.VIEWS) {{
          const spec = view.draw(p, {{ sample: null, sampleFor: '', training: null, trainingFor: '', data, loss }});
          const svg = module_plot.render(spec, 400, 300, theme, view.id), {{ x, y }} = spec;
          out.push([x, y].every(a => a.min < a.max && a.max < Infinity) && !/NaN|Infinity/.test(svg));
        }}
      }}
      console.log(JSON.stringify(out));"""
    drawn_well = run_script(script)
    assert len(drawn_well) == 40 * 2 * 7
    assert all(drawn_well)


def test_extreme_parameters_end(run_script):
    """What the worker is asked for stays small: samples that are drawn, and steps of a training."""
    script = bundle("flow") + """
      const p = { alpha: 1e-6, beta: 1e3, lam: 0.1, rho: 1, eta: 1, latents: 1, signals: 1 };
      const { time, Q } = module_flow.train(p), many = module_spectrum.dimensionAt(1e6);
      console.log(JSON.stringify([time.length, Q.every(Number.isFinite), many, module_spectrum.dimensionAt(1)]));"""
    length, finite, many, usual = run_script(script)
    assert (length < 160, finite, many, usual) == (True, True, 2, 200)
