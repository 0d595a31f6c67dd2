"""Watching a training: which latents live, which collapse, and what to do about it."""

from vaesym.monitor.alerts import Alert
from vaesym.monitor.monitor import Monitor
from vaesym.monitor.rule import Verdict

__all__ = ["Alert", "Monitor", "Verdict"]
