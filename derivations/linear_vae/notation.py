"""The title of the book of the linear VAE, and the letters that are no symbol of the table."""

from __future__ import annotations

from collections.abc import Mapping

from derivations.frame.chapter import Chapter, Volume
from vaesym.linear_vae.statement.symbols import TABLE

_NOTATION = (
    (r"W^*,\;W,\;V", r"signal, decoder and encoder, vectors in $\mathbb R^N$ (with $M$ latents: $N\times M$ matrices)"),
    (r"\mathcal L", "the loss summed over the training samples, with weight decay"),
    (r"\Omega,\;\mu", r"overlaps of decoder and encoder with one another, "
                      r"$\begin{pmatrix}Q&R\\R&E\end{pmatrix}$, and with the signal, $(m,d)$"),
    (r"\chi", r"susceptibilities, $\begin{pmatrix}\chi_{kk}&\chi_{kh}\\\chi_{kh}&\chi_{hh}\end{pmatrix}$"),
    ("A", r"matrix of the loss in the fields $(k,h)$; in Chapter~\ref{chapter:likelihoods} the log-partition function"),
    ("C", r"covariance of the fields over fresh data, $\rho\mu\mu^T+\eta\Omega$; $C_{11}=C_{kk}$, $C_{12}=C_{kh}$, "
          r"$C_{22}=C_{hh}$"),
    ("G", r"response of the loss, $(I+\eta A\chi)^{-1}A$"),
    (r"\Delta,\;O", r"blocks of a replica-symmetric matrix $I_n\otimes\Delta+11^T\otimes O$ "
                    r"(Chapter~\ref{chapter:free-energy} only)"),
    (r"\Gamma", r"replicon value; replica symmetry is stable up to 1; in Chapter~\ref{chapter:training-time} the rate "
                r"at which collapse is left"),
    (r"\psi(\ell)", r"sample eigenvalue at which the population eigenvalue $\ell$ shows"),
    (r"\alpha_B", r"detection threshold $(\eta/\rho)^2$"),
    (r"\epsilon", r"signal recovery error; in expansions a small number"),
)


def volume(chapters: Mapping[str, Chapter]) -> Volume:
    """Return the title, symbols and notation of the book of the linear VAE.

    >>> from derivations import book
    >>> volume(book()).chapters["phases"]
    'Phases'
    """
    symbols = tuple((row.symbol, row.meaning, row.stated_domain) for row in TABLE)
    return Volume(
        r"The exact theory of the linear\\[4mm] variational autoencoder",
        r"Posterior collapse, phases, rate and distortion,\\ derived step by step and checked by machine",
        symbols, _NOTATION, {name: chapter.title for name, chapter in chapters.items()})
