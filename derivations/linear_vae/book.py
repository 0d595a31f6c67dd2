"""The chapters in order."""

from __future__ import annotations

import importlib

from derivations.frame.chapter import Chapter

#: Modules of this package that hold a chapter, in the order of the book.
CHAPTERS = ("model", "free_energy", "conjugate", "saddle_point", "exact_solution", "collapse", "large_data", "phases",
            "choosing_beta", "rate_distortion", "fluctuations", "extensions", "likelihoods")

#: Chapters that carry the central results, by name: from the loss to the free energy, its saddle and the collapse.
CORE = ("model", "free-energy", "conjugate", "saddle-point", "collapse", "large-data")


def book() -> dict[str, Chapter]:
    r"""Return the chapters by name.

    >>> from derivations import book
    >>> print(book()["collapse"]["threshold"].latex())
    \beta_{c} = \frac{\Lambda \alpha}{\alpha + \lambda} - \frac{\lambda}{\Lambda \alpha}
    """
    chapters = [importlib.import_module(f"derivations.{name}").CHAPTER for name in CHAPTERS]
    return {chapter.name: chapter for chapter in chapters}
