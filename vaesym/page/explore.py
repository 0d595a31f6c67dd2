"""Write the explorer, for a model or for data."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaesym import inputs
from vaesym.inputs import InputError
from vaesym.linear_vae.point.arguments import numbers
from vaesym.output import output_path, replacing
from vaesym.page import build

#: Eigenvalues that a page holds at most, and the ending of its file.
_MOST, _ENDING = 4000, ".html"
#: Where a page opens that is told nothing else, and the most latents and signals that its controls reach.
_START, _MOST_LATENTS = {"alpha": 2.0, "beta": 1.0, "lam": 0.1, "rho": 1.0, "eta": 1.0}, 20


@dataclass(frozen=True)
class Page(os.PathLike[str]):
    """A page that was written: a path, which a notebook shows as the page itself.

    >>> Page(Path("explore.html")).path.name
    'explore.html'
    """

    path: Path

    def __fspath__(self) -> str:
        return str(self.path)

    def __str__(self) -> str:
        return str(self.path)

    def _repr_html_(self) -> str:
        text = html.escape(self.path.read_text(encoding="utf-8"), quote=True)
        return f'<iframe srcdoc="{text}" width="100%" height="760" style="border:0" title="vaesym explorer"></iframe>'


def explore(data: Any = None, *, output: str | os.PathLike[str] = "explore.html", overwrite: bool = False,
            latents: int | None = None, signals: int = 1, raw: bool = False, **parameters: float) -> Page:
    r"""Write one self-contained HTML file in which the exact solution runs live, and return its path.

    Parameters
    ----------
    data : None, or what :func:`vaesym.advise` takes: an array (samples × features), a path, or a name such as "digits";
        the eigenvalues of its covariance are put into the page, at most 4000, the data themselves are not
    output : the file to write, ``.html``
    overwrite : whether a file of that name may be replaced
    latents, signals : where the page opens, from 1 to 20; by default one latent, ten with data
    raw : do not scale uint8 files to [0, 1]
    parameters : ``alpha``, ``beta``, ``lam``, ``rho``, ``eta``, numbers, where the page opens

    Returns
    -------
    Page
        A path; a notebook shows the page.

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain or unknown, data that cannot be read, a file that cannot be written.

    Notes
    -----
    The page computes with the functions that :mod:`vaesym.codegen` prints for JavaScript from the derived theory
    ([IH, Claim 5.2] at its exact extremum, as :func:`vaesym.solve`) and asks no network for anything.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = explore(output=Path(folder, "page.html"), alpha=4.0)
    ...     size = page.path.stat().st_size
    >>> page.path.name, 100_000 < size < 600_000
    ('page.html', True)
    """
    given: Any = output
    if not isinstance(given, str | os.PathLike):
        raise InputError(f"output as the name of a file {_ENDING}", f"{output!r}", "pass output='explore.html', say")
    target = output_path(os.fspath(output), [_ENDING], overwrite=overwrite)
    unknown = sorted(set(parameters) - set(_START))
    if unknown:
        raise InputError(f"parameters among {', '.join(_START)}", ", ".join(unknown), "see help(vaesym.explore)")
    start: dict[str, Any] = dict(zip(_START, numbers(**{**_START, **parameters}), strict=True))
    for name, value in start.items():
        if value > 1e6 or (value < 1e-6 and name != "lam"):
            raise InputError(f"{name} up to 1e6, and from 1e-6 on but for lam", f"{value:g}", "choose other units")
    spectrum = None if data is None else _spectrum(data, raw)
    few = 1 if spectrum is None else min(10, len(spectrum["eigenvalues"]))
    for name, number in (("latents", few if latents is None else latents), ("signals", signals)):
        start[name] = inputs.count(name, number)
        if start[name] > _MOST_LATENTS:
            raise InputError(f"{name} up to {_MOST_LATENTS}", f"{number}", "choose fewer; the page shows no more")
    if spectrum is not None:
        start["view"] = "spectrum"
    text = build.html(start, spectrum)
    with replacing(target) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return Page(target)


def _spectrum(data: Any, raw: bool) -> dict[str, Any]:
    """Return what the page is told of data."""
    from vaesym.practice.data.decomposition import spectrum_of
    from vaesym.practice.data.readers import as_loaded

    loaded = as_loaded(data, raw=raw)
    found = spectrum_of(loaded.array, scaling=loaded.scaling)
    return {"name": loaded.name, "samples": found.n_samples, "features": loaded.array.shape[1],
            "varying": found.n_features, "eigenvalues": found.eigenvalues[:_MOST].tolist()}
