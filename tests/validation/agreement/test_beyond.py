"""Training in time and absolute values: what the report says of them, and that it would see a wrong theory."""

import dataclasses

import numpy as np
import pytest
from rich.console import Console

import vaesym
from validation.agreement.beyond import findings, plans
from validation.simulate import motion
from validation.study.judging import DISAGREES, judge
from validation.study.simulations import Computed, Workshop


@pytest.mark.parametrize("finding", findings.FINDINGS)
def test_the_recorded_runs_do_not_disagree(tiny, finding):
    found = finding(tiny)
    (verdict,) = judge([found])
    assert verdict.verdict != DISAGREES, [score for score in found.scores if abs(score.z) > 3]
    assert found.scores
    assert found.rival


@pytest.mark.parametrize(("finding", "study"), [(findings.one_pass, "one-pass"), (findings.gradient_flow, "flow"),
                                                 (findings.absolute_values, "absolute"),
                                                 (findings.sparse_signal, "sparse")])
def test_a_wrong_number_is_seen(tiny, finding, study):
    table = tiny.tables[study]
    wrong = {**table, "E": 1.4 * table["E"], "R": 1.4 * table["R"]}
    (verdict,) = judge([finding(dataclasses.replace(tiny, tables={**tiny.tables, study: wrong}))])
    assert verdict.verdict == DISAGREES


def test_a_training_that_has_not_converged_is_no_agreement(tiny):
    table = tiny.tables["absolute"]
    left = {**table, "converged": np.zeros(len(table["point"]))}
    made = dataclasses.replace(tiny, tables={**tiny.tables, "absolute": left})
    assert judge([findings.absolute_values(made)])[0].broken == ("trainings that have not converged",)


def test_flow_and_one_pass_follow_their_theory():
    """A live run of each beside the theory, within what so many dimensions leave."""
    course = plans.FLOWS[1]
    given = {name: value for name, value in course.given.items() if name not in ("alpha", "beta")}
    exact = vaesym.gradient_flow(2.0, course.given["alpha"], course.given["beta"], start=plans.FLOW_START, **given)
    runs = motion.flow(course.given, plans.FLOW_START, 2.0, 200, 4, 1)
    course = plans.PASSES[0]
    given = {name: value for name, value in course.given.items() if name not in ("beta", "sampled")}
    other = vaesym.online_dynamics(1.0, course.given["beta"], start=plans.PASS_START, **given)
    passes = motion.one_pass(course.given, plans.PASS_START, 1.0, 200, 8, 1)
    for name in plans.OVERLAPS:
        assert abs(runs[name].mean() - float(exact[name])) < 0.1, name
        assert abs(passes[name].mean() - float(other[name])) < 0.05, name
    finer = motion.flow(plans.FLOWS[1].given, plans.FLOW_START, 2.0, 60, 2, 1, step=0.02)
    for name, values in motion.flow(plans.FLOWS[1].given, plans.FLOW_START, 2.0, 60, 2, 1).items():
        np.testing.assert_allclose(values, finer[name], atol=3e-3, err_msg=name)


def doubled(numbers, shift):
    return {"value": 2 * np.array(numbers) + shift}


def test_computations_come_back_with_their_labels_and_are_not_done_twice(tmp_path, monkeypatch):
    workshop = Workshop(tmp_path, console=Console(quiet=True), device="cpu")
    planned = [({"point": 1, "size": 5}, 2, Computed(doubled, ((1, 2), 0))),
               ({"point": 0, "size": 6}, 1, Computed(doubled, ((4,), 1)))]
    table = workshop.compute("two", planned)
    assert table["value"].tolist() == [2, 4, 9]
    assert (table["point"].tolist(), table["size"].tolist()) == ([1, 1, 0], [5, 5, 6])
    monkeypatch.setattr(Computed, "start", lambda _: pytest.fail("computed again"))
    assert workshop.compute("two", planned)["value"].tolist() == [2, 4, 9]


def test_a_computation_that_was_saved_goes_on():
    done = Computed(doubled, ((3,), 0)).start()
    done.advance(1)
    again = Computed(doubled, ((7,), 0)).start()
    again.restore(done.state())
    again.advance(1)
    assert again.result()["value"][1].tolist() == [6]
