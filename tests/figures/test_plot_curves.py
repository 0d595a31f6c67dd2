"""Figures of curves and of the spectrum: what they show, and that nothing covers anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

import vaesym
from vaesym import figures, linear_vae
from vaesym.inputs import InputError

ALPHA, BETA = np.geomspace(0.05, 100, 60), np.linspace(0.02, 3, 60)
NOISE = np.random.default_rng(0).normal(size=(400, 100))


def learned(alpha: object, **given: Any) -> Figure:
    return figures.learning_curve(vaesym.learning_curve(alpha, **given))


FIGURES: dict[str, Callable[[], Figure]] = {
    "curve of lam": lambda: learned(ALPHA, beta=1.0, lam=[0.0, 0.1, 0.5, 1.0, 2.0]),
    "curve of beta": lambda: learned(ALPHA, beta=[0.01, 1.0, 2.2], lam=0.001),
    "curve of both": lambda: learned(ALPHA, beta=[0.5, 1.0, 1.5], lam=[0.01, 1.0]),
    "one curve": lambda: learned(ALPHA[40:], beta=1.0, lam=1.0, rho=2.0),
    "rate": lambda: figures.rate_distortion(vaesym.rate_distortion([0.5, 2.0, 20.0, 1e4], lam=0.1)),
    "one rate": lambda: figures.rate_distortion(vaesym.rate_distortion(3.0, eta=0.5)),
    "kl of alpha": lambda: figures.kl_curves(vaesym.kl_curves(ALPHA, [0.3, 1.0, 1.5], lam=0.1)),
    "kl of beta": lambda: figures.kl_curves(vaesym.kl_curves([1.0, 4.0], BETA, lam=0.1)),
    "kl of log beta": lambda: figures.kl_curves(vaesym.kl_curves(4.0, np.geomspace(0.01, 3, 60), lam=0.1)),
    "curve with limit": lambda: learned([*ALPHA, np.inf], beta=[0.5, 1.0], lam=0.1),
    "rate with limit": lambda: figures.rate_distortion(vaesym.rate_distortion([2.0, np.inf], lam=0.1)),
    "kl with limit": lambda: figures.kl_curves(vaesym.kl_curves([*ALPHA, np.inf], [0.5, 1.0], lam=0.1)),
    "spectrum": lambda: figures.spectrum_law(
        vaesym.spectrum_law(4.0, eigenvalues=np.linalg.eigvalsh(NOISE.T @ NOISE / 400))),
    "spectrum of few": lambda: figures.spectrum_law(vaesym.spectrum_law(0.5)),
    "spectrum at one": lambda: figures.spectrum_law(vaesym.spectrum_law(1.0, rho=2.0)),
}


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_figures_show_something_and_no_text_covers_another(make: Callable[[], Figure], check_view: Any) -> None:
    check_view(make)


def test_learning_curves_are_those_of_the_dataset() -> None:
    curves = vaesym.learning_curve(ALPHA, beta=[0.5, 1.0], lam=[0.01, 0.1, 1.0], eta=0.8)
    figure = figures.learning_curve(curves)
    lines = figure.axes[0].lines
    np.testing.assert_array_equal(lines[0].get_ydata(), curves.signal_recovery_error[:, 0, 0])
    assert [line.get_linestyle() for line in lines[:6]] == ["-", "--"] * 3
    assert legend(figure)[:5] == [r"$\lambda = 0.01$", r"$\lambda = 0.1$", r"$\lambda = 1$", r"$\beta = 0.5$",
                                  r"$\beta = 1$"]
    np.testing.assert_allclose(np.asarray(lines[-1].get_xdata()), 0.8**2)
    assert r"\eta = 0.8" in figure.axes[0].get_title()


def test_rate_is_drawn_against_distortion_with_the_gaussian_source() -> None:
    curves = vaesym.rate_distortion([2.0, 20000.0], lam=0.1, rho=1.5)
    figure = figures.rate_distortion(curves)
    lines = figure.axes[0].lines
    np.testing.assert_array_equal(lines[0].get_xdata(), curves.distortion[0])
    np.testing.assert_array_equal(lines[1].get_ydata(), curves.training_rate[0])
    distortion, rate = (np.asarray(values) for values in lines[4].get_data())
    np.testing.assert_allclose(rate, np.log(np.maximum(2.5 / distortion, 1)) / 2)
    assert legend(figure)[:2] == [r"$\alpha = 2$", r"$\alpha = 2 \times 10^{4}$"]


def test_unlimited_data_are_horizontal_lines() -> None:
    curves = vaesym.learning_curve([*ALPHA, np.inf], beta=[0.5, 1.0], lam=1.0)
    figure = figures.learning_curve(curves)
    axes = figure.axes[0]
    assert axes.get_xlim() == (ALPHA[0], ALPHA[-1])
    levels = [np.asarray(line.get_ydata()) for line in axes.lines]
    for i in (0, 1):
        np.testing.assert_array_equal(levels[2 * i], curves.signal_recovery_error[:-1, i])
        np.testing.assert_array_equal(levels[2 * i + 1], [curves.signal_recovery_error[-1, i]] * 2)
    assert r"value at $\alpha = \infty$" in legend(figure)
    # On a logarithmic axis an error of 0, at β = η, is out of view.
    tall = learned([*ALPHA, np.inf], beta=1.0, lam=0.001)
    assert tall.axes[0].get_yscale() == "log"
    assert any("0 is out of view" in text for text in legend(tall))
    assert r"$\alpha = \infty$" in legend(figures.rate_distortion(vaesym.rate_distortion([2.0, np.inf])))
    kls = vaesym.kl_curves([*ALPHA, np.inf], [0.5, 1.0], lam=0.1)
    right = figures.kl_curves(kls).axes[1]
    np.testing.assert_array_equal(np.asarray(right.lines[1].get_ydata()), [kls.rate[-1, 0]] * 2)


def test_kls_are_drawn_against_the_longer_axis() -> None:
    curves = vaesym.kl_curves(ALPHA, [0.3, 1.0], lam=0.1)
    figure = figures.kl_curves(curves)
    np.testing.assert_array_equal(figure.axes[0].lines[1].get_ydata(), curves.kl_posterior_to_variational[:, 0])
    np.testing.assert_array_equal(figure.axes[1].lines[1].get_ydata(), curves.rate[:, 1])
    other = figures.kl_curves(vaesym.kl_curves([0.3, 1.0], BETA, lam=0.1))
    assert "\\beta" in other.axes[0].get_xlabel()
    assert other.axes[0].get_yscale() == "log"


def test_spectrum_shows_the_outlier_from_the_detection_threshold_on() -> None:
    seen, hidden = (figures.spectrum_law(vaesym.spectrum_law(alpha, rho=2.0, eta=0.5)) for alpha in (4.0, 0.05))
    eigenvalue = vaesym.solve(4.0, 1.0, lam=0.0, rho=2.0, eta=0.5).eigenvalue
    np.testing.assert_allclose(np.asarray(seen.axes[0].lines[1].get_xdata()), eigenvalue)
    x, density = (np.asarray(values) for values in seen.axes[0].lines[0].get_data())
    np.testing.assert_allclose(density, linear_vae.noise_density(x, 4.0, eta=0.5))
    assert any("no outlier" in text for text in legend(hidden))
    assert any("0.95 of the eigenvalues is zero" in text for text in legend(hidden))


def test_histogram_has_the_normalisation_of_the_law() -> None:
    few = np.linalg.eigvalsh(NOISE[:50].T @ NOISE[:50] / 50)
    (stairs,) = figures.spectrum_law(vaesym.spectrum_law(0.5, eigenvalues=few)).axes[0].patches
    assert isinstance(stairs, StepPatch)
    heights, edges, _ = stairs.get_data()
    assert (heights * np.diff(edges)).sum() == pytest.approx(0.5)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: figures.learning_curve(vaesym.kl_curves(ALPHA, 1.0, lam=1.0)), "one without signal_recovery_error"),
    (lambda: learned(2.0, beta=1.0, lam=1.0), "two or more ascending"),
    (lambda: learned(ALPHA[::-1], beta=1.0, lam=1.0), "ascending"),
    (lambda: learned([1.0, np.inf], beta=1.0, lam=1.0), "two or more ascending"),
    (lambda: learned([np.inf, 1.0, 2.0], beta=1.0, lam=1.0), "inf, if at all"),
    (lambda: learned([], beta=1.0, lam=1.0), "ascending"),
    (lambda: figures.learning_curve(vaesym.learning_curve(ALPHA, beta=1.0, lam=1.0).assign_coords(alpha=ALPHA - 1)),
     "alpha > 0"),
    (lambda: learned(ALPHA, beta=BETA, lam=1.0), "1 to 8 values of beta"),
    (lambda: learned(ALPHA, beta=[], lam=1.0), "1 to 8 values of beta"),
    (lambda: figures.rate_distortion(vaesym.rate_distortion(ALPHA)), "1 to 8 values of alpha"),
    (lambda: figures.rate_distortion(vaesym.rate_distortion(1.0, beta=1.0)), "ascending"),
    (lambda: figures.kl_curves(vaesym.kl_curves(1.0, 1.0, lam=1.0)), "ascending"),
    (lambda: figures.spectrum_law(vaesym.spectrum_law(4.0).drop_vars("density")), "one without density"),
])
def test_bad_input_is_refused(call: Callable[[], Figure], words: str) -> None:
    with pytest.raises(InputError, match=words):
        call()
