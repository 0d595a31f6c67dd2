"""The report of the smallest preset: its numbers, a planted wrong theory, its store."""

import itertools
import json
import re

import numpy as np
import pytest

import vaesym
from validation.agreement import claims, measurement
from validation.agreement.claims import CLAIMS, verdicts
from validation.agreement.figures import own_figures, theory_figures
from validation.agreement.measurement import Measurements, replicon_scores
from validation.agreement.report import markdown, record
from validation.study.judging import AGREES, DISAGREES, UNTESTED, Finding, judge
from validation.study.report import write_figures, write_report


@pytest.fixture(scope="module")
def said(tiny, tmp_path_factory):
    """Record and report of the recorded measurements, and the folder of its figures."""
    folder, judged = tmp_path_factory.mktemp("report"), verdicts(tiny)
    drawn = write_figures(itertools.chain(theory_figures(tiny), own_figures(tiny)), folder)
    write_report(markdown(tiny, judged, drawn, 1.0), record(tiny, judged, 1.0), folder, "agreement")
    return json.loads((folder / "agreement.json").read_text(encoding="utf-8")), folder


@pytest.mark.slow
def test_a_live_report_is_the_recorded_one(tiny_report, recorded):
    """The command from its options to its files; ``--update`` records its measurements anew."""
    code, folder, found = tiny_report
    live = json.loads((folder / "agreement.json").read_text(encoding="utf-8"))
    assert (code, len(live["claims"])) == (0, 21)
    assert {path.name for path in folder.glob("*.png")} == set(re.findall(r"\((\S+\.png)\)", (folder / "report.md")
                                                                          .read_text(encoding="utf-8")))
    assert (folder / "store" / "tiny-0-cpu" / "exact" / "results.zarr").is_dir()
    assert [v.corrected for v in verdicts(found)] == [claim["corrected_p"] for claim in live["claims"]]
    assert found.tables.keys() == recorded.keys()
    for study, table in recorded.items():
        for name in {"loss", "Q", "signal_recovery_error", "position"} & {*table}:
            np.testing.assert_allclose(found.tables[study][name], table[name], rtol=1e-3, atol=2e-3, err_msg=study)


def test_no_claim_disagrees(said):
    record, _ = said
    disagreeing = [(c["label"], c["broken"], c["corrected_p"]) for c in record["claims"] if c["verdict"] == DISAGREES]
    assert disagreeing == []
    agreeing = {c["label"] for c in record["claims"] if c["verdict"] == AGREES}
    assert {"C1", "C3", "C4", "N10"} <= agreeing
    assert len(record["claims"]) == 21


def test_numbers_are_those_of_the_runs(tiny, said):
    record = said[0]
    table = tiny.tables["exact"]
    for row in record["points"][:: 7]:
        for size, mean in zip(row["sizes"], row["means"], strict=True):
            at = (table["point"] == row["point"]) & (table["size"] == size)
            name = {"free_energy": "loss", "kl_variational_to_posterior": "kl_posterior"}.get(row["quantity"],
                                                                                             row["quantity"])
            if name in {"Q", "m_squared"}:
                continue
            assert mean == pytest.approx(table[name][at].mean(), rel=1e-12)
        if row["latents"] == 1 and len(row["strengths"]) == 1 and row["quantity"] == "rate":
            theory = vaesym.solve(row["alpha"], row["beta"], lam=row["lam"], rho=row["strengths"][0], eta=row["noise"])
            assert row["expected"] == pytest.approx(float(theory.rate), rel=1e-12)
    assert record["runs"]["exact"] == len(table["loss"])


def test_least_loss_of_a_data_set_is_that_of_the_estimator(tiny):
    """The exact minimiser of the laboratory beside the estimator of the library, on the same samples."""
    from validation.simulate.data import all_samples

    point, table = tiny.points[0], tiny.tables["exact"]
    i = int(np.flatnonzero(table["point"] == 0)[0])
    run = point.run(int(table["features"][i]), int(table["seed"][i]))
    fitted = vaesym.LinearVAE(point.latents, beta=point.beta, lam=point.lam, center=False).fit(all_samples(run.data))
    assert np.nansum(np.diagonal(table["Q"][i])) == pytest.approx(fitted.Q_.sum(), rel=1e-9)


@pytest.mark.parametrize(("quantity", "factor"), [("distortion", 1.1), ("free_energy", 1.6), ("rate", 0.8)])
def test_a_wrong_theory_is_seen(tiny, monkeypatch, quantity, factor):
    right = measurement.expected
    monkeypatch.setattr(measurement, "expected", lambda solution: {
        name: value * (factor if name == quantity else 1.0) for name, value in right(solution).items()})
    planted = measurement.compare(tiny.points, tiny.tables["exact"])
    scores = claims.scores_of(tiny.points, planted)
    (verdict,) = judge([Finding("S", "", "", scores)])
    assert verdict.verdict == DISAGREES


def test_wrong_boundaries_and_a_wrong_decoder_variance_are_seen(tiny, monkeypatch):
    right = claims.stability(tiny)
    moved = tuple(s.__class__(**{**vars(s), "z": s.z + 0.1 * s.expected / s.error}) for s in right.scores)
    assert judge([Finding("N1", "", "", moved)])[0].verdict == DISAGREES
    table = tiny.tables["learned-variance"]
    wrong = {**table, "decoder_variance": table["decoder_variance"] * 1.001}
    monkeypatch.setitem(tiny.tables, "learned-variance", wrong)
    assert judge([claims.learned_variance(tiny)])[0].verdict == DISAGREES


def test_trainings_without_a_number_to_judge_do_not_agree(tiny):
    """Neither where none has converged, nor where only collapsed ones have."""
    table = tiny.tables["trained"]
    for gradients in (np.full(len(table["point"]), 1e9), np.where(table["D"][:, 0] < 0.99, 1e9, 0.0)):
        made = Measurements(tiny.preset, tiny.seed, tiny.points, tiny.near,
                            {**tiny.tables, "trained": {**table, "gradient": gradients}})
        assert judge([claims.trained_solution(made)])[0].verdict == UNTESTED


@pytest.mark.parametrize("factor", [0.7, 1.3])
def test_a_wrong_replicon_is_seen(tiny, monkeypatch, factor):
    """Encoders that answer to the data otherwise than those of the minimum."""
    table = tiny.tables["replicons"]
    right = replicon_scores(table)
    planted = replicon_scores({**table, "Q": table["Q"] * factor})
    assert max(abs(score.z) for score, _ in right) < 4
    assert max(abs(score.z) for score, _ in planted) > 6


def test_a_latent_too_many_is_seen(tiny, monkeypatch):
    table = tiny.tables["prescribed"]
    monkeypatch.setitem(tiny.tables, "prescribed", {**table, "D": np.minimum(table["D"], 0.9)})
    assert judge([claims.covariance(tiny)])[0].verdict == DISAGREES


def test_report_says_it_in_words(said):
    record, folder = said
    text = (folder / "report.md").read_text(encoding="utf-8")
    for claim in record["claims"]:
        assert f"| {claim['label']} |" in text
        assert claim["verdict"] in text
    figures = re.findall(r"!\[.*?\]\((.*?)\)", text)
    assert len(figures) == 10
    assert all((folder / name).stat().st_size > 5000 for name in figures)
    trainings = record["trainings"]
    assert f"{trainings['global']} of {trainings['runs']} trainings end at the global minimum" in text
    assert len(CLAIMS) == len(record["claims"])


def test_json_is_strict(said):
    def refuse(constant):
        raise AssertionError(constant)

    json.loads((said[1] / "agreement.json").read_text(encoding="utf-8"), parse_constant=refuse)
