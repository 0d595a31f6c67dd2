"""The page as a file: what is in it, what it is given, how it is written, and the command."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import vaesym
from vaesym.cli import main
from vaesym.page import build, formulas


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    return vaesym.explore(output=folder / "page.html", alpha=4.0, beta=0.5, latents=3)


def given(page):
    text = page.path.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="given">(.*?)</script>', text, re.DOTALL)[1].replace("<\\/", "</"))


def test_one_file_that_needs_no_network(page):
    text = page.path.read_text(encoding="utf-8")
    assert len(text.encode()) < 600_000
    assert set(re.findall(r"https?://[^\s\"'<>`]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(link|img|iframe)\b|\bsrc=|@import|\bfetch\(|XMLHttpRequest", text)
    assert text.count("</script>") == text.count("<script") == 3


def test_what_others_wrote_is_pinned_and_named_with_its_licence(page):
    wanted = json.loads((build.SOURCES.parent / "package.json").read_text(encoding="utf-8"))["dependencies"]
    head = (build.SOURCES / "d3.mjs").read_text(encoding="utf-8").split("*/")[0]
    named = dict(re.findall(r"(d3-[\w-]+) ([\d.]+)", head))
    assert wanted.items() <= named.items(), "run `python -m vaesym.page.vendor`"
    assert head.count("Permission to use, copy, modify") >= 1
    assert head in page.path.read_text(encoding="utf-8")


def test_what_the_page_is_given(page):
    assert given(page)["start"] == {"alpha": 4.0, "beta": 0.5, "lam": 0.1, "rho": 1.0, "eta": 1.0, "latents": 3,
                                    "signals": 1}
    assert given(page)["data"] is None


def test_a_notebook_shows_the_page(page):
    shown = page._repr_html_()
    inside = html.unescape(re.search(r'srcdoc="([^"]*)"', shown)[1])
    assert inside == page.path.read_text(encoding="utf-8")
    assert str(page) == page.__fspath__() == str(page.path)


def test_data_are_put_in_as_their_spectrum(tmp_path):
    found = given(vaesym.explore("digits", output=tmp_path / "digits.html"))
    advice = vaesym.advise("digits", intervals=None)
    assert found["data"]["eigenvalues"] == advice.eigenvalues.tolist()
    assert (found["data"]["samples"], found["data"]["features"], found["start"]["latents"]) == (1797, 64, 10)
    array = np.random.default_rng(0).normal(size=(20, 3))
    assert len(given(vaesym.explore(array, output=tmp_path / "three.html"))["data"]["eigenvalues"]) == 3


def test_core_dependencies_are_enough_and_nothing_is_derived(tmp_path):
    script = ("import sys, vaesym\nprint(vaesym.explore('digits', output='page.html'))\n"
              "assert not {'torch', 'numba', 'sympy', 'derivations', 'zarr', 'dask'} & set(sys.modules)\n")
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False,
                          env={**os.environ, "PYTHONPATH": str(Path(vaesym.__file__).parents[1])})
    assert (done.returncode, done.stdout) == (0, f"{tmp_path / 'page.html'}\n"), done.stderr


@pytest.mark.parametrize(("arguments", "words"), [
    ({"alpha": 0.0}, "alpha > 0"), ({"lam": -1.0}, "lam >= 0"), ({"beta": 1e9}, "beta up to 1e6"),
    ({"gamma": 1.0}, "parameters among alpha, beta"), ({"latents": 0}, "latents >= 1"),
    ({"latents": 21}, "latents up to 20"), ({"signals": 30}, "signals up to 20"),
    ({"data": "missing.npy"}, "missing.npy"), ({"output": "page.txt"}, ".html"),
    ({"output": "missing/page.html"}, "existing folder")])
def test_bad_input(tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(vaesym.InputError, match=re.escape(words)):
        vaesym.explore(**arguments)
    assert list(tmp_path.iterdir()) == []


def test_command(tmp_path, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    monkeypatch.chdir(tmp_path)
    assert main(["explore", "--output", "a.html", "--lam", "1", "--open"]) == 0
    assert capsys.readouterr().out == "Page written to a.html\n"
    assert opened == [(tmp_path / "a.html").as_uri()]
    assert main(["explore", "--output", "a.html"]) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert main(["explore", "digits", "--output", "a.html", "--overwrite", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"output": str(tmp_path / "a.html")}
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    assert main(["explore", "--output", "b.html", "--open"]) == 2
    assert "a browser" in capsys.readouterr().err


def test_every_term_is_in_the_glossary():
    texts = "".join((build.SOURCES / f"{name}.mjs").read_text(encoding="utf-8") for name in ("views", "lecture"))
    terms = set(re.findall(r"\[\[([^\]|]+)(?:\|[^\]]+)?\]\]", texts))
    assert len(terms) > 8
    assert terms <= set(build.glossary())


@pytest.mark.slow
def test_formulas_are_those_of_the_book(request):
    if request.config.getoption("--update"):
        formulas.PATH.write_text(formulas.generate(), encoding="utf-8")
    assert formulas.PATH.read_text(encoding="utf-8") == formulas.generate(), "run `python -m vaesym.page.formulas`"
    views = set(re.findall(r'\{ id: "(\w+)"', (build.SOURCES / "views.mjs").read_text(encoding="utf-8")))
    titles = [row["title"] for rows in json.loads(formulas.PATH.read_text(encoding="utf-8")).values() for row in rows]
    assert not [title for title in titles if re.search(r"[$\\]", title)]
    assert set(formulas.STEPS) == views
    assert {entry["verdict"] for entries in build.formulas().values() for entry in entries} == {"identity"}


@pytest.mark.slow
def test_types():
    """Plain modules, whose types stand in comments and are checked."""
    compiler = shutil.which("tsc")
    if compiler is None:
        pytest.skip("no TypeScript compiler (npm install --global typescript)")
    project = str(build.SOURCES / "tsconfig.json")
    done = subprocess.run([compiler, "--project", project], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout
