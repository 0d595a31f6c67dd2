"""The book: chapters of steps that derive the theory, check themselves and print as LaTeX."""

from derivations.book import book
from derivations.chapter import Chapter

__all__ = ["Chapter", "book"]
