"""Words of the book as LaTeX: signs as mathematics, sources as citations."""

from __future__ import annotations

import re

_GREEK = {
    "α": "alpha", "β": "beta", "λ": "lambda", "ρ": "rho", "η": "eta", "χ": "chi", "μ": "mu", "Λ": "Lambda",
    "Δ": "Delta",
    "Ω": "Omega", "σ": "sigma", "ψ": "psi", "ζ": "zeta", "ℓ": "ell", "κ": "kappa", "δ": "delta", "τ": "tau",
    "Γ": "Gamma",
    "Φ": "Phi", "ε": "varepsilon", "ω": "omega", "θ": "theta", "ν": "nu", "γ": "gamma", "π": "pi",
    "→": "to", "∞": "infty", "≻": "succ", "≥": "ge", "≤": "le",
    "⊗": "otimes",
    "·": "cdot", "∈": "in", "‖": "|", "×": "times", "≠": "neq", "Σ": "Sigma",
}
_UNICODE = {
    **{sign: rf"$\{name}$" for sign, name in _GREEK.items()},
    "χ̃": r"$\tilde\chi$", "√": r"$\sqrt{\ }$", "⁻¹": r"$^{-1}$", "⁻ᵀ": "$^{-T}$", "ᵀ": r"$^T$", "²": r"$^2$",
    "ᵏ": "$^k$", "Ĝ": r"$\hat G$",
    "<": "$<$", ">": "$>$", "₀": "$_0$", "₁": "$_1$", "₂": "$_2$", "−": "$-$", "±": r"$\pm$", "…": r"\dots{}",
    "³": "$^3$", "₃": "$_3$",
}

_GREEK_MATH = {sign: "\\" + name for sign, name in _GREEK.items()}

#: Who found a result, as it is written in a step → key, and the entry of the bibliography.
BIBLIOGRAPHY = {
    "[IH]": ("IH", r"Y. Ichikawa and K. Hukushima, \emph{High-dimensional asymptotics of VAEs: threshold of posterior "
                   r"collapse and dataset-size dependence of rate-distortion curve}, arXiv:2309.07663 (2023)."),
    "[LZ]": ("LZ", r"Z. Li, F. Zhang, Z. Zhang and Y. Chen, \emph{Posterior collapse as a phase transition in "
                   r"variational "
                   r"autoencoders}, arXiv:2510.01621 (2025)."),
    "de Almeida and Thouless 1978": ("AT", r"J. R. L. de Almeida and D. J. Thouless, \emph{Stability of the "
                                           r"Sherrington--Kirkpatrick solution of a spin glass model}, J. Phys. A 11, "
                                           r"983 "
                                           r"(1978)."),
    "Baik, Ben Arous and Péché 2005": ("BBP", r"J. Baik, G. Ben Arous and S. P\'ech\'e, \emph{Phase transition of the "
                                              r"largest "
                                              r"eigenvalue for nonnull complex sample covariance matrices}, Ann. "
                                              r"Probab. 33, "
                                              r"1643 (2005)."),
    "Baik and Silverstein 2006": ("BS", r"J. Baik and J. W. Silverstein, \emph{Eigenvalues of large sample covariance "
                                        r"matrices "
                                        r"of spiked population models}, J. Multivar. Anal. 97, 1382 (2006)."),
    "Silverstein 1995": ("S95", r"J. W. Silverstein, \emph{Strong convergence of the empirical distribution of "
                                r"eigenvalues of "
                                r"large dimensional random matrices}, J. Multivar. Anal. 55, 331 (1995)."),
    "Marchenko and Pastur 1967": ("MP", r"V. A. Marchenko and L. A. Pastur, \emph{Distribution of eigenvalues for "
                                        r"some sets of "
                                        r"random matrices}, Math. USSR-Sb. 1, 457 (1967)."),
    "Lucas et al. 2019": ("L19", r"J. Lucas, G. Tucker, R. Grosse and M. Norouzi, \emph{Don't blame the ELBO! A "
                                 r"linear VAE "
                                 r"perspective on posterior collapse}, NeurIPS (2019)."),
    "Tipping and Bishop 1999": ("TB", r"M. E. Tipping and C. M. Bishop, \emph{Probabilistic principal component "
                                      r"analysis}, "
                                      r"J. R. Stat. Soc. B 61, 611 (1999)."),
    "Shannon 1959": ("S59", r"C. E. Shannon, \emph{Coding theorems for a discrete source with a fidelity criterion}, "
                            r"IRE Nat. "
                            r"Conv. Rec. 7, 142 (1959)."),
    "Kolmogorov 1956": ("K56", r"A. N. Kolmogorov, \emph{On the Shannon theory of information transmission in the "
                               r"case of "
                               r"continuous signals}, IRE Trans. Inf. Theory 2, 102 (1956)."),
}


def text(words: str) -> str:
    r"""Return plain words as LaTeX text, Greek letters and signs as mathematics.

    >>> text("α > (η/ρ)²")
    '$\\alpha$ $>$ ($\\eta$/$\\rho$)$^2$'
    """
    words = re.sub("√(.)", lambda found: rf"$\sqrt{{{_GREEK_MATH.get(found[1], found[1])}}}$", words)
    words = re.sub(r"_([A-Za-z])", r"$_{\1}$", words)
    for character in sorted(_UNICODE, key=len, reverse=True):
        words = words.replace(character, _UNICODE[character])
    return re.sub(r"(?<!\\)([&%#])", r"\\\1", words)


def cite(source: str) -> str:
    r"""Return a source with its citations.

    >>> cite("[IH] Claim 6.1")
    '\\cite{IH}, Claim 6.1'
    """
    for name, (key, _) in BIBLIOGRAPHY.items():
        if name.startswith("["):
            source = re.sub(re.escape(name) + r"\s*(?=\S)", rf"{name}, ", source).replace(name, rf"\cite{{{key}}}")
        else:
            source = source.replace(name, rf"{name} \cite{{{key}}}")
    return text(source)


def bibliography() -> str:
    """Return the bibliography as LaTeX."""
    items = "\n".join(rf"\bibitem{{{key}}} {entry}" for key, entry in BIBLIOGRAPHY.values())
    return r"\begin{thebibliography}{99}" "\n" rf"{items}" "\n" r"\end{thebibliography}" "\n"
