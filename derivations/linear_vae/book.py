"""The chapters in order."""

from __future__ import annotations

import importlib

from derivations.frame.chapter import Chapter

#: Modules of this package that hold a chapter, in the order of the book.
CHAPTERS = ("replicas.model", "replicas.free_energy", "replicas.conjugate", "replicas.saddle_point",
            "minimum.exact_solution", "minimum.collapse", "consequences.large_data", "minimum.phases",
            "consequences.choosing_beta", "consequences.rate_distortion", "consequences.fluctuations",
            "consequences.extensions", "consequences.likelihoods", "consequences.conditional",
            "consequences.hierarchical", "penalties.kinks", "consequences.training_time")

#: Chapters that carry the central results, by name: from the loss to the free energy, its saddle and the collapse.
CORE = ("model", "free-energy", "conjugate", "saddle-point", "collapse", "large-data")


class _Chapters(dict[str, Chapter]):
    def __missing__(self, name: str) -> Chapter:
        raise KeyError(f"no chapter {name!r} in the book; there are {list(self)}")


def book() -> dict[str, Chapter]:
    r"""Return the chapters by name.

    >>> from derivations import book
    >>> print(book()["collapse"]["threshold"].latex())
    \beta_{c} = \frac{\Lambda \alpha}{\alpha + \lambda} - \frac{\lambda}{\Lambda \alpha}
    """
    chapters = [importlib.import_module(f"derivations.linear_vae.{name}").CHAPTER for name in CHAPTERS]
    return _Chapters({chapter.name: chapter for chapter in chapters})
