"""The explorer in a real browser: controls, views, exports, dropped files, lecture, sizes; no error, no network."""

import io
import json
import shutil
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import vaesym
from vaesym.page import Page

playwright = pytest.importorskip("playwright.sync_api", reason="drives the browser: pip install playwright")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = [pytest.mark.xdist_group("browser"),
              pytest.mark.skipif(BROWSER is None, reason="no browser: apt-get install chromium")]
VIEWS = ("phase", "curve", "rd", "potential", "spectrum", "kl", "time")


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explorer")
    return {"model": vaesym.explore(output=folder / "model.html").path,
            "digits": vaesym.explore("digits", output=folder / "digits.html", latents=4).path}


@pytest.fixture
def visit(browser, pages):
    """Return a function that opens a page; at the end there was no error, and no request beyond the file itself."""
    contexts, faults = [], []

    def open_page(width=1440, fragment="", page="model", **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        context.set_default_timeout(120_000)  # the machine may be busy
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.on("request", lambda request: None if request.url.startswith(("file:", "blob:", "data:"))
               else faults.append(request.url))
        tab.goto(pages[page].as_uri() + fragment)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def until(tab, condition):
    """Wait until a condition holds: the page forbids what Playwright's own waiting does."""
    for _ in range(600):
        if tab.evaluate(condition):
            return
        tab.wait_for_timeout(50)
    raise AssertionError(condition)


def settled(tab):
    until(tab, "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(!vaesym.busy()))))")


def state(tab):
    return tab.evaluate("({...vaesym.state})")


def numbers(tab):
    return dict(tab.evaluate("[...document.querySelectorAll('#numbers div')].map(d => [d.children[0].textContent, "
                             "d.children[1].textContent])"))


def test_the_page_opens_with_all_views(visit):
    tab = visit(fragment="#alpha=4&beta=0.5&lam=0.5")
    settled(tab)
    assert all(tab.locator(f"#view-{view} svg path").count() for view in VIEWS)
    assert float(numbers(tab)["Q"]) == pytest.approx(1.296353229505875, rel=1e-3)
    assert tab.evaluate("vaesym.solve(vaesym.state).Q") == pytest.approx(1.296353229505875, rel=1e-14)


@pytest.mark.slow
def test_every_control(visit):
    tab = visit()
    for name, text, bad in [("alpha", "3.5", "0"), ("beta", "0.7", "-1"), ("lam", "0", "-0.1"), ("rho", "2", ""),
                            ("eta", "0.5", "0"), ("latents", "3", "2.5"), ("signals", "2", "0")]:
        tab.fill(f"#number-{name}", text)
        assert state(tab)[name] == float(text)
        tab.fill(f"#number-{name}", bad)
        assert tab.inner_text("#fault") != ""
        assert tab.get_attribute(f"#number-{name}", "aria-invalid") == "true"
        assert state(tab)[name] == float(text)
        tab.press(f"#number-{name}", "Tab")
        assert tab.input_value(f"#number-{name}") == text
        assert tab.inner_text("#fault") == ""
        before = state(tab)[name]
        tab.press(f"#slider-{name}", "ArrowRight")
        assert state(tab)[name] > before
    exact = vaesym.solve(**{n: state(tab)[n] for n in ("alpha", "beta", "lam", "rho", "eta")}, latents=4, spikes=3)
    assert (state(tab)["latents"], state(tab)["signals"]) == (4, 3)
    settled(tab)
    assert float(numbers(tab)["error ε"]) == pytest.approx(float(exact.signal_recovery_error), rel=1e-3)


@pytest.mark.slow
def test_each_view_is_a_click_away_and_reads_values(visit):
    tab = visit(width=768)
    for view in VIEWS:
        tab.click(f"#tab-{view}")
        settled(tab)
        shown = tab.evaluate("[...document.querySelectorAll('.view')].filter(v => !v.hidden).map(v => v.id)")
        assert shown == [f"view-{view}"]
        tab.hover(f"#chart-{view}", position={"x": 200, "y": 100})
        assert " · " in tab.inner_text(f"#read-{view}")
    tab.focus("#tab-time")
    tab.press("#tab-time", "ArrowRight")
    assert state(tab)["view"] == "phase"
    settled(tab)  # the chart takes the keys once it is shown, in the next frame
    tab.press("#chart-phase", "ArrowUp")
    assert state(tab)["beta"] > 1
    tab.click("#tab-curve")
    settled(tab)
    tab.press("#chart-curve", "ArrowRight")
    assert "error at this β" in tab.inner_text("#read-curve")


@pytest.mark.slow
def test_the_point_is_dragged(visit):
    tab = visit()
    settled(tab)  # before the first frame there is nothing to drag, and views may still move
    box = tab.locator("#chart-phase").bounding_box()
    tab.mouse.move(box["x"] + 100, box["y"] + 60)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 250, box["y"] + 40, steps=4)
    tab.mouse.up()
    dragged = state(tab)
    assert dragged["alpha"] > 1
    assert dragged["beta"] > 1.5
    tab.mouse.move(box["x"] + 120, box["y"] + 100)
    assert state(tab) == dragged
    settled(tab)
    until(tab, f"location.hash.includes('alpha={dragged['alpha']}')")


@pytest.mark.slow
def test_state_from_the_address(visit):
    good, bad = "alpha=0.3&beta=0.9&lam=2&latents=5&view=kl&w=3&kl=mean", "rho=nonsense&eta=-1&signals=1e9"
    tab = visit(width=768, fragment=f"#{good}&{bad}")
    got = state(tab)
    assert [got[n] for n in ("alpha", "beta", "lam", "latents", "view", "w", "kl")] == [0.3, 0.9, 2, 5, "kl", 3, "mean"]
    assert [got[n] for n in ("rho", "eta", "signals")] == [1, 1, 1]
    settled(tab)
    until(tab, "location.hash.includes('view=kl')")
    again = visit(width=768, fragment=tab.evaluate("location.hash"))
    assert state(again) == got
    again.evaluate("location.hash = '#alpha=7&view=rd'")
    until(again, "vaesym.state.view === 'rd' && vaesym.state.alpha === 7")


def saved(tab, view, kind):
    with tab.expect_download() as download:
        tab.click(f'[data-view="{view}"][data-save="{kind}"]')
    assert download.value.suggested_filename == f"vaesym-{view}.{kind}"
    with open(download.value.path(), "rb") as stream:
        return stream.read()


@pytest.mark.slow
def test_exports(visit):
    # A browser asks its user before the eleventh file of one page: each kind has a page of its own.
    files = {}
    for kind, views in [("svg", VIEWS), ("csv", VIEWS), ("png", ("phase", "time"))]:
        tab = visit(fragment="#alpha=2&beta=1&lam=0.1")
        settled(tab)
        files |= {(view, kind): saved(tab, view, kind) for view in views}
        tab.close()
    roots = [ET.fromstring(files[view, "svg"]) for view in VIEWS]
    assert all(root.tag.endswith("svg") for root in roots)
    picture = roots[0].find("{http://www.w3.org/2000/svg}image")
    assert picture is not None
    assert picture.get("href").startswith("data:image/png")
    assert all(files[view, "csv"].startswith(b"# vaesym #alpha=2&beta=1") for view in VIEWS)
    assert all(files[view, "png"].startswith(b"\x89PNG") for view in ("phase", "time"))
    text = io.BytesIO(files["curve", "csv"])
    rows = np.genfromtxt(text, delimiter=",", skip_header=2, dtype=None, encoding=None)
    alpha, error = np.array([(x, y) for name, x, y in rows if "error" in name]).T
    np.testing.assert_allclose(error, vaesym.solve(alpha, 1.0, lam=0.1).signal_recovery_error, rtol=1e-11)
    assert files["phase", "csv"].count(b"learning") > 1000


#: A file that a hand drops.
DROP = """text => {
  const given = new DataTransfer();
  given.items.add(new File([text], 'good.csv'));
  const event = new DragEvent('drop', { dataTransfer: given, bubbles: true, cancelable: true });
  document.querySelector('#drop').dispatchEvent(event);
}"""


@pytest.mark.slow
def test_files_good_and_broken(visit, tmp_path):
    data = np.random.default_rng(5).normal(size=(120, 6)) * [3, 2, 1, 1, 1, 1]
    good, broken, empty = tmp_path / "good.csv", tmp_path / "broken.csv", tmp_path / "empty.npy"
    np.savetxt(good, data, delimiter=",")
    broken.write_text("1,2\n3,cat\n")
    empty.write_bytes(b"")
    tab = visit(fragment="#latents=3")
    for path, words in [(broken, "column 2"), (empty, "numpy.save")]:
        tab.set_input_files("#file", path)
        until(tab, "document.querySelector('#message.bad') !== null")
        assert words in tab.inner_text("#message")
        assert tab.inner_text("#message").count("\n") == 0
        tab.fill("#number-beta", "0.5")
        assert state(tab)["beta"] == 0.5
        tab.evaluate("document.querySelector('#message').classList.remove('bad')")
    tab.evaluate(DROP, good.read_text())
    until(tab, "Boolean(vaesym.found.data)")
    settled(tab)
    tab.select_option("#loss-reconstruction", "mean")
    tab.select_option("#loss-kl", "mean")
    tab.fill("#loss-weight", "0.7")
    tab.fill("#loss-w", "0.2")
    settled(tab)
    loss = vaesym.LossScale("mean", "mean", 0.7, 0.2)
    advice = vaesym.advise(str(good), latents=3, loss=loss, intervals=None)
    found = tab.evaluate("vaesym.thresholds(vaesym.found.data, vaesym.found.loss, 3)")
    weights = [row.collapse_weight for row in advice.latents]
    assert [row["collapse"] for row in found] == pytest.approx(weights, rel=1e-9)
    assert [row["kl"] for row in found] == pytest.approx([row.kl for row in advice.latents], rel=1e-9)
    assert tab.locator("#table tbody tr").count() == 3
    tab.fill("#loss-sigma", "0.5")
    tab.fill("#loss-batch", "16")
    tab.select_option("#loss-half", "without")
    settled(tab)
    assert tab.evaluate("vaesym.found.loss") == {"likelihood": "gaussian", "reconstruction": "mean", "kl": "mean",
                                                 "half": "without", "weight": 2.0, "batch": 16, "klWeight": 0.2}
    tab.select_option("#loss-likelihood", "gaussian_diagonal")
    until(tab, "vaesym.found.data.likelihood === 'gaussian_diagonal'")
    settled(tab)
    top = vaesym.collapse_thresholds(data, likelihood="gaussian_diagonal", latents=1).thresholds[0]
    assert tab.evaluate("vaesym.found.data.eigenvalues[0]") == pytest.approx(top, rel=1e-9)
    assert "everything collapses from" in tab.inner_text("#table")
    tab.select_option("#loss-likelihood", "bernoulli")  # does not fit: the page says so and stays as it was
    until(tab, "document.querySelector('#message.bad') !== null")
    settled(tab)
    assert tab.input_value("#loss-likelihood") == "gaussian_diagonal"
    tab.click("#forget")
    settled(tab)
    assert tab.locator("#table tbody tr").count() == 0


@pytest.mark.slow
def test_a_file_dropped_while_another_is_read(visit, tmp_path):
    """The last one counts, with the likelihood chosen last; what is removed while it is read does not come back."""
    rng = np.random.default_rng(9)
    for name, shape in (("small", (60, 3)), ("large", (4000, 120))):
        np.save(tmp_path / f"{name}.npy", rng.poisson(3, shape).astype(np.int32))
    tab = visit()
    tab.set_input_files("#file", tmp_path / "small.npy")
    until(tab, "Boolean(vaesym.found.data)")
    tab.set_input_files("#file", tmp_path / "large.npy")
    tab.select_option("#loss-likelihood", "poisson")
    until(tab, "vaesym.found.data.likelihood === 'poisson' && vaesym.found.data.name === 'large.npy'")
    settled(tab)  # the table is written in the next frame
    assert tab.evaluate("[vaesym.found.data.likelihood, vaesym.found.loss.weight]") == ["poisson", 1]
    assert tab.locator("#table tbody tr").all_inner_texts()[0].split()[-1] in ("–", "collapsed")
    tab.set_input_files("#file", tmp_path / "small.npy")
    tab.click("#forget")
    settled(tab)
    assert tab.evaluate("vaesym.found.data") is None


@pytest.mark.slow
def test_what_comes_before_the_next_frame(visit, tmp_path):
    """Between two frames a key moves a control from where it was set, and a likelihood is of the file read last."""
    rng = np.random.default_rng(9)
    for name in ("first", "second"):
        np.save(tmp_path / f"{name}.npy", rng.poisson(3, (60, 3)).astype(np.int32))
    tab = visit()
    tab.set_input_files("#file", tmp_path / "first.npy")
    until(tab, "Boolean(vaesym.found.data)")
    settled(tab)
    tab.evaluate("globalThis.frame = requestAnimationFrame; requestAnimationFrame = f => globalThis.held = f")
    tab.fill("#number-latents", "3")
    tab.press("#slider-latents", "ArrowRight")
    assert state(tab)["latents"] == 4
    tab.set_input_files("#file", tmp_path / "second.npy")
    until(tab, "document.querySelector('#message').textContent === '' && !vaesym.busy()")
    assert tab.evaluate("vaesym.found.data.name") == "first.npy"
    tab.select_option("#loss-likelihood", "poisson")
    tab.evaluate("globalThis.requestAnimationFrame = frame; frame(held)")
    until(tab, "vaesym.found.data.likelihood === 'poisson' && vaesym.found.data.name === 'second.npy'")


@pytest.mark.slow
def test_weights_of_the_loss_that_do_not_do(visit):
    tab = visit(page="digits")
    for name, value in (("sigma", "1e-200"), ("weight", "1e-310"), ("w", "5e-324"), ("batch", "-1"), ("sigma", "1e-7")):
        before = tab.evaluate("({...vaesym.found.loss})")
        tab.fill(f"#loss-{name}", value)
        settled(tab)
        assert "between" in tab.inner_text("#message")
        assert tab.evaluate("({...vaesym.found.loss})") == before
        tab.focus("#start-lecture")
        settled(tab)
        assert tab.get_attribute(f"#loss-{name}", "aria-invalid") == "false"
    tab.fill("#loss-sigma", "0.1")
    tab.fill("#loss-weight", "1")
    assert tab.input_value("#loss-sigma") == ""


@pytest.mark.slow
def test_the_point_outside_the_diagram(visit):
    tab = visit(fragment="#alpha=1000&beta=10")
    settled(tab)
    assert "outside" in tab.inner_text("#view-phase .svg")
    tab.focus("#chart-phase")
    for key, moved in (("ArrowLeft", "alpha"), ("ArrowUp", "beta")):
        before = state(tab)
        tab.keyboard.press(key)
        settled(tab)
        after = state(tab)
        assert {name for name in before if before[name] != after[name]} <= {moved}
    tab.hover("#chart-curve")
    tab.fill("#number-beta", "0.01")
    settled(tab)
    exact = vaesym.solve(state(tab)["alpha"], 0.01, lam=0.1)
    assert numbers(tab)["error ε"] == f"{float(exact.signal_recovery_error):.4g}"
    read = tab.inner_text("#read-curve")
    tab.fill("#number-beta", "1")
    settled(tab)
    assert tab.inner_text("#read-curve") != read


@pytest.mark.slow
def test_data_that_came_with_the_page(visit):
    tab = visit(page="digits", fragment="#w=170")
    settled(tab)
    rows = tab.locator("#table tbody tr").all_inner_texts()
    assert [row.split()[-1] == "collapsed" for row in rows] == [False, True, True, True]
    assert rows[0].split()[2] == "178.907"


@pytest.mark.slow
def test_a_fresh_sample(visit):
    tab = visit()
    settled(tab)
    until(tab, "vaesym.found.sample !== null")
    before = tab.evaluate("vaesym.found.sample[0]")
    tab.click("#redraw")
    until(tab, f"vaesym.found.sample[0] !== {json.dumps(before)}")


@pytest.mark.slow
def test_lecture(visit):
    tab = visit(width=768)
    tab.click("#start-lecture")
    titles = []
    for _ in range(6):
        settled(tab)
        titles.append(tab.inner_text("#stop-title"))
        assert tab.locator(".view.current:visible").count() == 1
        assert "[[" not in tab.inner_text("#stop-text")
        tab.click("#next")
    settled(tab)
    assert [title[:6] for title in titles] == [f"{i} of 6" for i in range(1, 7)]
    assert tab.locator("#lecture").is_hidden()
    tab = visit(width=768, fragment="#stop=3")
    tab.click("#back")
    settled(tab)
    assert tab.inner_text("#stop-title").startswith("2 of 6")
    tab.click("#leave")
    settled(tab)
    assert tab.locator("#lecture").is_hidden()


@pytest.mark.slow
def test_the_lecture_hides_nothing_and_puts_data_aside(visit):
    tab = visit(page="digits")
    settled(tab)
    tab.click("#start-lecture")
    for _ in range(6):
        settled(tab)
        assert tab.evaluate("vaesym.found.data") is None
        assert tab.evaluate("document.activeElement.id") == "next"
        tops = tab.evaluate("[document.querySelector('#lecture').getBoundingClientRect().bottom, ...['.view.current', "
                            "'#number-alpha'].map(e => document.querySelector(e).getBoundingClientRect().top)]")
        assert tops[0] <= min(tops[1:])
        tab.keyboard.press("Enter")
    settled(tab)
    assert tab.evaluate("[vaesym.found.data.name, document.activeElement.id]") == ["digits", "start-lecture"]


@pytest.mark.slow
def test_what_the_lecture_says_is_so():
    """The numbers in its texts."""
    assert float(vaesym.collapse_threshold(100.0, lam=0.0)) == pytest.approx(2, abs=0.03)
    assert float(vaesym.global_collapse_threshold(0.7, lam=3.0)) == pytest.approx(0.0393, abs=5e-5)
    assert float(vaesym.spinodal(0.7, lam=3.0)) > 0.041 > float(vaesym.collapse_threshold(0.7, lam=3.0))
    curve = vaesym.solve(np.array([0.2, 0.5, 1.0, 1.5, 3.0]), 0.05, lam=0.1).signal_recovery_error
    assert np.argmax(curve) == 2
    best = vaesym.solve(5.0, np.linspace(0.3, 2, 200), lam=0.1).signal_recovery_error
    assert 1.4 < np.linspace(0.3, 2, 200)[np.argmin(best)] < 1.8


#: Ratio of the luminance of text to that of its ground, as WCAG 2 defines it.
CONTRAST = """() => {
  const channel = v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = colour => colour.match(/[0-9.]+/g).slice(0, 3).map(v => channel(v / 255))
    .reduce((sum, v, i) => sum + [0.2126, 0.7152, 0.0722][i] * v, 0);
  const ground = e => {
    while (e && getComputedStyle(e).backgroundColor === 'rgba(0, 0, 0, 0)') e = e.parentElement;
    return e ? getComputedStyle(e).backgroundColor : 'rgb(255, 255, 255)';
  };
  const parts = ['h1', '.soft', '#start-lecture', '#share', '.view p', 'figcaption', 'dt', 'dd', 'label', 'summary'];
  return parts.map(part => {
    const e = document.querySelector(part);
    const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
    return [part, (a + 0.05) / (b + 0.05)];
  });
}"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 768, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sizes_and_contrast(visit, width, scheme):
    tab = visit(width=width, color_scheme=scheme, page="digits")
    settled(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert {name: ratio for name, ratio in tab.evaluate(CONTRAST) if ratio < 4.5} == {}
    inside = "[...document.querySelectorAll('#side section')].every(s => s.scrollWidth <= s.clientWidth + 1)"
    assert tab.evaluate(inside)


@pytest.mark.slow
def test_the_glossary_fits_the_screen(visit):
    tab = visit(width=360, fragment="#stop=5")
    settled(tab)
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    terms = tab.locator(".term:visible")
    assert terms.count() > 2
    for i in range(terms.count()):
        terms.nth(i).focus()
        assert tab.evaluate("document.documentElement.scrollWidth") <= 360
        assert len(terms.nth(i).get_attribute("data-tip")) > 10


@pytest.mark.slow
def test_inside_a_notebook(visit, pages, tmp_path):
    """A notebook shows the page in a frame, which has no address of its own."""
    (tmp_path / "notebook.html").write_text(f"<!DOCTYPE html>{Page(pages['model'])._repr_html_()}", encoding="utf-8")
    tab = visit()
    tab.goto((tmp_path / "notebook.html").as_uri())
    frame = tab.frames[1]
    until(frame, "document.querySelectorAll('.view svg').length === 7 || matchMedia('(max-width: 1099px)').matches")
    frame.fill("#number-beta", "0.5")
    assert frame.evaluate("vaesym.state.beta") == 0.5
    settled(frame)
    # The page keeps its address 150 ms after its last change: timers of one length end in the order they were set.
    frame.evaluate("new Promise(done => setTimeout(done, 300))")
