"""The explorer: the exact solution in a browser, in one file of HTML."""

from vaesym.page.explore import Page, explore

__all__ = ["Page", "explore"]
