"""Words of the book as LaTeX: signs as mathematics, sources as citations."""

from __future__ import annotations

import re
import unicodedata

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "χ": "chi", "υ": "upsilon", "ψ": "psi", "ω": "omega", "ℓ": "ell", "ϑ": "vartheta", "ς": "varsigma", "φ": "phi",
    "Γ": "Gamma", "Δ": "Delta", "Λ": "Lambda", "Σ": "Sigma", "Φ": "Phi", "Ω": "Omega",
    "→": "to", "∞": "infty", "≻": "succ", "≥": "ge", "≤": "le", "≠": "neq", "∈": "in", "‖": "|", "·": "cdot",
    "×": "times", "⊗": "otimes",
}
_UNICODE = {
    **{sign: rf"$\{name}$" for sign, name in _GREEK.items()},
    "χ̃": r"$\tilde\chi$", "Ĝ": r"$\hat G$", "√": r"$\sqrt{\ }$",
    "⁻¹": "$^{-1}$", "⁻ᵀ": "$^{-T}$", "ᵀ": "$^T$", "ᵏ": "$^k$", "²": "$^2$", "³": "$^3$",
    "₀": "$_0$", "₁": "$_1$", "₂": "$_2$", "₃": "$_3$",
    "<": "$<$", ">": "$>$", "−": "$-$", "±": r"$\pm$", "…": r"\dots{}", "∑": r"$\sum$",
}

_GREEK_MATH = {sign: "\\" + name for sign, name in _GREEK.items()}

#: Who found a result, as it is written in a step → key, and the entry of the bibliography.
BIBLIOGRAPHY = {
    "[IH]": (
        "IH",
        r"Y. Ichikawa and K. Hukushima, "
        r"\emph{High-dimensional asymptotics of VAEs: threshold of posterior collapse and dataset-size dependence of "
        r"rate-distortion curve}, arXiv:2309.07663 (2023)."),
    "[LZ]": (
        "LZ",
        r"Z. Li, F. Zhang, Z. Zhang and Y. Chen, "
        r"\emph{Posterior collapse as a phase transition in variational autoencoders}, arXiv:2510.01621 (2025)."),
    "[IH2]": (
        "IH2",
        r"Y. Ichikawa and K. Hukushima, "
        r"\emph{Learning dynamics in linear VAE: posterior collapse threshold, superfluous latent space pitfalls, and "
        r"speedup with KL annealing}, arXiv:2310.15440 (2023)."),
    "de Almeida and Thouless 1978": (
        "AT",
        r"J. R. L. de Almeida and D. J. Thouless, "
        r"\emph{Stability of the Sherrington--Kirkpatrick solution of a spin glass model}, J. Phys. A 11, 983 (1978)."),
    "Baik, Ben Arous and Péché 2005": (
        "BBP",
        r"J. Baik, G. Ben Arous and S. P\'ech\'e, "
        r"\emph{Phase transition of the largest eigenvalue for nonnull complex sample covariance matrices}, "
        r"Ann. Probab. 33, 1643 (2005)."),
    "Baik and Silverstein 2006": (
        "BS",
        r"J. Baik and J. W. Silverstein, "
        r"\emph{Eigenvalues of large sample covariance matrices of spiked population models}, "
        r"J. Multivar. Anal. 97, 1382 (2006)."),
    "Silverstein 1995": (
        "S95",
        r"J. W. Silverstein, "
        r"\emph{Strong convergence of the empirical distribution of eigenvalues of large dimensional random "
        r"matrices}, J. Multivar. Anal. 55, 331 (1995)."),
    "Marchenko and Pastur 1967": (
        "MP",
        r"V. A. Marchenko and L. A. Pastur, \emph{Distribution of eigenvalues for some sets of random matrices}, "
        r"Math. USSR-Sb. 1, 457 (1967)."),
    "Lucas et al. 2019": (
        "L19",
        r"J. Lucas, G. Tucker, R. Grosse and M. Norouzi, "
        r"\emph{Don't blame the ELBO! A linear VAE perspective on posterior collapse}, NeurIPS (2019)."),
    "Lesieur, Krzakala and Zdeborová 2017": (
        "LKZ",
        r"T. Lesieur, F. Krzakala and L. Zdeborov\'a, \emph{Constrained low-rank matrix estimation: phase transitions, "
        r"approximate message passing and applications}, J. Stat. Mech. 073403 (2017), arXiv:1701.00858."),
    "Dang et al. 2024": (
        "D24",
        r"H. Dang, T. Tran, T. Nguyen and N. Ho, \emph{Beyond vanilla variational autoencoders: detecting posterior "
        r"collapse in conditional and hierarchical variational autoencoders}, ICLR (2024), arXiv:2306.05023."),
    "Tipping and Bishop 1999": (
        "TB",
        r"M. E. Tipping and C. M. Bishop, \emph{Probabilistic principal component analysis}, "
        r"J. R. Stat. Soc. B 61, 611 (1999)."),
    "Shannon 1959": (
        "S59",
        r"C. E. Shannon, \emph{Coding theorems for a discrete source with a fidelity criterion}, "
        r"IRE Nat. Conv. Rec. 7, 142 (1959)."),
    "Chen 1982": (
        "C82",
        r"L. H. Y. Chen, \emph{An inequality for the multivariate normal distribution}, "
        r"J. Multivar. Anal. 12, 306 (1982)."),
    "Krein and Rutman 1948": (
        "KR",
        r"M. G. Krein and M. A. Rutman, \emph{Linear operators leaving invariant a cone in a Banach space}, "
        r"Uspekhi Mat. Nauk 3, 3 (1948)."),
    "Marshall, Olkin and Arnold 2011": (
        "MOA",
        r"A. W. Marshall, I. Olkin and B. C. Arnold, \emph{Inequalities: theory of majorization and its "
        r"applications}, 2nd ed., Springer (2011)."),
    "Dumitriu and Edelman 2002": (
        "DE",
        r"I. Dumitriu and A. Edelman, \emph{Matrix models for beta ensembles}, J. Math. Phys. 43, 5830 (2002)."),
    "Kolmogorov 1956": (
        "K56",
        r"A. N. Kolmogorov, "
        r"\emph{On the Shannon theory of information transmission in the case of continuous signals}, "
        r"IRE Trans. Inf. Theory 2, 102 (1956)."),
}


def text(words: str) -> str:
    r"""Return plain words as LaTeX text, single letters and signs as mathematics; what stands between dollars stays.

    >>> text("α > (η/ρ)² for a signal W")
    '$\\alpha$ $>$ ($\\eta$/$\\rho$)$^2$ for a signal $W$'
    """
    kept = re.split(r"(\$[^$]*\$|\\\[.*?\\\])", words, flags=re.DOTALL)
    return "".join(part if i % 2 else _plain(part) for i, part in enumerate(kept))


#: A letter of the Latin alphabet that stands alone, and is no article, initial, citation or possessive.
_LETTER = re.compile(r"(?<![A-Za-z0-9\\{'’])(?:([B-HJ-Zb-z])(?![A-Za-zÀ-ÿ0-9'}]|\.[\w ])|"
                     r"([AaI])(?=[²ᵀ'’₀-₉⊗]| ?[=<>≤≥≻](?! ?[A-Z][a-z]))|(?<=/)(a))(\*?)")


def _plain(words: str) -> str:
    words = re.sub("√(.)", lambda found: rf"$\sqrt{{{_GREEK_MATH.get(found[1], found[1])}}}$", words)
    words = re.sub(r"_([A-Za-z]+)", r"$_{\1}$", words)
    words = re.sub(r"\bE (?=[xyℓ])", r"$\\mathbb E$\\,", words)
    words = "".join(part if i % 2 else _LETTER.sub(
        lambda found: f"${''.join(filter(None, found.groups()[:3]))}{'^*' if found[4] else ''}$", part)
        for i, part in enumerate(re.split(r"(\$[^$]*\$)", words)))
    words = re.sub("[₀-₉]{2,}", lambda found: f"$_{{{unicodedata.normalize('NFKC', found[0])}}}$", words)
    for character in sorted(_UNICODE, key=len, reverse=True):
        words = words.replace(character, _UNICODE[character])
    words = words.replace("$$", " ")
    return re.sub(r"(?<!\\)([&%#])", r"\\\1", words)


def cite(source: str) -> str:
    r"""Return a source with its citations.

    >>> cite("[IH] Claim 6.1")
    '\\cite[Claim 6.1]{IH}'
    """
    for name, (key, _) in BIBLIOGRAPHY.items():
        if name.startswith("["):
            source = re.sub(re.escape(name) + r"\s+(.+)", rf"\\cite[\1]{{{key}}}", source)
            source = source.replace(name, rf"\cite{{{key}}}")
        else:
            source = source.replace(name, rf"{name} \cite{{{key}}}")
    return text(source)


def bibliography(*sources: str) -> str:
    """Return the bibliography of what LaTeX sources cite; none if they cite nothing."""
    cited = {key for source in sources for key in re.findall(r"\\cite(?:\[[^\]]*\])?\{(\w+)\}", source)}
    items = "\n".join(rf"\bibitem{{{key}}} {entry}" for key, entry in BIBLIOGRAPHY.values() if key in cited)
    return "" if not items else r"\begin{thebibliography}{99}" "\n" rf"{items}" "\n" r"\end{thebibliography}" "\n"
