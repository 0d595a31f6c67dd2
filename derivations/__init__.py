"""The book: chapters of steps that derive the theory, check themselves and print as LaTeX."""

from derivations.frame.chapter import Chapter
from derivations.linear_vae.book import book

__all__ = ["Chapter", "book"]
