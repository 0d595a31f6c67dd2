"""A monitor's state for the eye: a sentence, and a table of latents."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from vaesym.output import columns
from vaesym.practice.monitor.alerts import Alert
from vaesym.practice.monitor.rule import Verdict


def summary(state: dict[str, Any]) -> str:
    """Return a sentence or two about the dictionary that :meth:`vaesym.Monitor.to_dict` gives.

    >>> from vaesym.practice.monitor.monitor import Monitor
    >>> summary(Monitor([19.8, 12.4], beta=15.0, n_latents=2).to_dict())
    'step 0, β = 15: theory expects 1 of 2 latents active. No batch has been seen.'
    """
    latents = len(state["kl"])
    text = (f"step {state['step']}, β = {state['beta']:g}: theory expects {state['expected_active']} of {latents} "
            f"latents active")
    if state["beta"] != state["final_beta"]:
        text += f" at the final β = {state['final_beta']:g}"
    if state["kl"][0] is None:
        return f"{text}. No batch has been seen.{_diverged(state)}{_one_more(state)}"
    found = {verdict: [str(i) for i, word in enumerate(state["verdicts"]) if word == verdict.value]
             for verdict in Verdict}
    told = "; ".join(f"{verdict.value}: {', '.join(which)}" for verdict, which in found.items() if which)
    return f"{text}. Total KL {sum(state['kl']):.3g} nats. Latents {told}.{_diverged(state)}{_one_more(state)}"


def report(state: dict[str, Any], out: Console) -> None:
    """Print where a training stands, its latents, and all alerts so far.

    >>> from vaesym.practice.monitor.monitor import Monitor
    >>> report(Monitor([2.0], beta=1.0, n_latents=1).to_dict(), Console(width=80, record=True, quiet=True))
    """
    out.print(summary(state))
    out.print()
    out.print(table(state))
    for one in state["alerts"]:
        out.print(str(Alert.from_dict(one)))


def _diverged(state: dict[str, Any]) -> str:
    """Return at which step which latents gave NaN, infinity or too much, if they did."""
    return "".join(f" Diverged at step {alert['step']}: latent{'s' * (len(alert['latents']) > 1)} "
                   f"{', '.join(map(str, alert['latents']))}."
                   for alert in state["alerts"] if alert["kind"] == "diverged")


def _one_more(state: dict[str, Any]) -> str:
    """Return what the network answered to "would one more latent be used?", if it was asked."""
    asked = state["one_more"]
    if asked is None:
        return ""
    which = "an unused latent" if asked["active"] < len(state["verdicts"]) else "one more latent"
    answer = {True: f"{which} would be used", False: f"{which} would stay collapsed",
              None: f"whether {which} would be used is too close to call"}[asked["used"]]
    active = "1 latent" if asked["active"] == 1 else f"{asked['active']} latents"
    return (f" Asked at step {asked['step']}, with {active} active: {answer} at β = {state['final_beta']:g}, "
            f"as it grows below {asked['threshold']:.3g} (on unseen samples {asked['held_out']:.3g}).")


def table(state: dict[str, Any]) -> Table:
    """Return a table of the dictionary that :meth:`vaesym.Monitor.to_dict` gives, one latent a row.

    >>> from vaesym.practice.monitor.monitor import Monitor
    >>> table(Monitor([19.8, 12.4], beta=15.0, n_latents=2).to_dict()).row_count
    2
    """
    result = columns(f"Latents at step {state['step']}, β = {state['beta']:g}", "latent", "KL (nats)", "Var(mu)",
                     "theory's KL", "verdict", words=("verdict",))
    for latent, kl in enumerate(state["kl"]):
        error, activity = state["kl_error"][latent], state["activity"][latent]
        measured = "–" if kl is None else f"{kl:.4f}" + ("" if error is None else f" ± {error:.4f}")
        result.add_row(str(latent), measured, "–" if activity is None else f"{activity:.4f}",
                       f"{state['predicted_kl'][latent]:.4f}", state["verdicts"][latent])
    return result
