"""The command line: ``vaesym solve | sweep | phase | curve | rd | ... | advise``."""

from vaesym.cli.app import app, main

__all__ = ["app", "main"]
