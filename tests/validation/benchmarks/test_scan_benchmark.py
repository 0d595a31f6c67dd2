"""The benchmark of the scan: that it runs, goes on where it was, and what counts as passed."""

import json

import pytest
import typer

pytest.importorskip("torch")

from vaesym.inputs import InputError
from validation.benchmarks import scan
from validation.benchmarks.scan import Case, Outcome, judged, passed


def outcome(loss, kl=2.0, active=4):
    return Outcome(1.0, 0, loss, kl, active, 1.0, 20)


def test_what_counts_as_passed():
    other = outcome(10.0)
    assert passed(outcome(10.0), other)
    assert passed(outcome(9.0, 1.0, 1), other)
    assert passed(outcome(10.09, 1.0, 1), other)
    assert not passed(outcome(10.2), other)
    assert not passed(outcome(10.01, 2.2), other)
    assert not passed(outcome(10.01, 2.0, 6), other)
    few, many = Case(network="convolutional").allowed, Case().allowed
    assert few == Case("digits").allowed != many
    assert [passed(outcome(*one), other, few) for one in ((10.15,), (10.3,), (10.01, 2.15), (10.01, 2.3))] == [
        True, False, True, False]
    assert not any(passed(outcome(*one), other, many) for one in ((10.15,), (10.01, 2.15)))


def test_what_it_costs():
    def row(side, seconds, epochs):
        return {"side": side, **vars(outcome(1.0)), "seconds": seconds, "epochs": epochs}

    found = judged([row("scan", 60.0, 120), row("apart", 10.0, 40)])
    assert (found["cost"], found["cost_of_theirs"]) == (2.0, 6.0)
    assert judged([row("scan", None, 120), row("apart", 10.0, 40)])["cost"] is None


def test_held_out_images_judge_and_the_best_round_counts():
    case = Case("digits", 2, samples=200, each=2, held_out=0.2)
    found = scan.apart(case, case.images(), 100.0, 0)
    assert found.loss == min(found.losses)
    assert found.epochs == 2 * len(found.losses)
    training, judging = scan._rows(case, 0)
    assert (len(training), len(judging)) == (160, 40)
    assert not set(training) & set(judging)


def test_it_runs_and_goes_on(tmp_path, capsys, monkeypatch):
    options = {"data": "digits", "latents": 2, "betas": "20,100", "epochs": 1, "seeds": 1, "samples": 256, "threads": 1,
               "as_json": True, "plain": True}
    with pytest.raises(typer.Exit):
        scan.main(tmp_path, **options)
    first = json.loads(capsys.readouterr().out)
    assert [row["side"] for row in first["rows"]] == ["scan"] * 2 + ["scale and shift"] * 2 + ["apart"] * 2
    monkeypatch.setattr(scan, "apart", None)
    monkeypatch.setattr(scan, "scanned", None)
    assert all(min(row["losses"]) == pytest.approx(row["loss"]) for row in first["rows"] if row["side"] == "apart")
    with pytest.raises(typer.Exit):
        scan.main(tmp_path, **options)
    assert json.loads(capsys.readouterr().out) == first
    assert judged(first["rows"])["cost"] == first["cost"]
    for wrong, words in (({"betas": "a"}, "betas as a list"), ({"latents": 3}, "of this very comparison"),
                         ({"network": "resnet"}, "network as one of")):
        with pytest.raises(InputError, match=words):
            scan.main(tmp_path, **(options | wrong))
