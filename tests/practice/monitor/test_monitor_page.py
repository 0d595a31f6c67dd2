"""The monitor, advice and scan in a notebook, and the monitor's page: what the text says, as HTML."""

import html
import re

import numpy as np
import pytest

import vaesym


def text(markup):
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


def watched():
    monitor = vaesym.Monitor([4.0, 1.0], beta=2.0, n_latents=2, every=1)
    rng = np.random.default_rng(0)
    for _ in range(20):
        monitor.update(rng.normal(size=(50, 2)) * [0.7, 0.0], np.log([0.5, 1.0]))
    monitor.update(np.full((50, 2), np.nan), np.zeros(2))
    return monitor


def test_the_page_has_summary_table_and_alerts_and_is_written_anew(tmp_path):
    monitor = watched()
    page = monitor.html(tmp_path / "training.html")
    shown = text(page.read_text(encoding="utf-8"))
    words = " ".join(shown.split())
    assert " ".join(monitor.summary().split()) in words
    assert " ".join(str(monitor.alerts[0]).split()) in words
    assert f"{monitor.kl[0]:.4f}" in words
    assert shown.count("Training at step 21") == 1
    monitor.update(np.zeros((50, 2)), np.zeros(2), step=99)
    assert "Training at step 99" in monitor.html(str(page)).read_text(encoding="utf-8")
    assert text(monitor._repr_html_()).strip() in text(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["training.txt", "none/training.html"])
def test_a_page_that_cannot_be_written_is_refused(tmp_path, name):
    with pytest.raises(vaesym.InputError):
        watched().html(tmp_path / name)


def advice():
    return vaesym.advise(np.random.default_rng(0).normal(size=(200, 3)) * [3, 1, 1], latents=1, intervals=None)


@pytest.mark.parametrize("made", [advice, watched])
def test_notebooks_show_what_is_printed(made):
    one = made()
    lines = [line.rstrip() for line in text(one._repr_html_()).splitlines()]
    assert lines == str(one).splitlines()


def test_a_monitor_prints_summary_table_and_alerts():
    monitor = watched()
    words = " ".join(str(monitor).split())
    assert words.startswith(" ".join(monitor.summary().split()))
    assert words.endswith(" ".join(str(monitor.alerts[-1]).split()))
    assert f"{monitor.kl[0]:.4f}" in words
    assert max(map(len, str(monitor).splitlines())) <= 80
