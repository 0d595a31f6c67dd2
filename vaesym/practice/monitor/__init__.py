"""Watching a training: which latents live, which collapse, and what to do about it."""

from vaesym.practice.monitor.alerts import Alert
from vaesym.practice.monitor.monitor import Monitor
from vaesym.practice.monitor.rule import Verdict

__all__ = ["Alert", "Monitor", "Verdict"]
