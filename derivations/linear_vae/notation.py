"""The title of the book of the linear VAE, and the letters that are no symbol of the table."""

from __future__ import annotations

from collections.abc import Mapping

from derivations.frame.chapter import Chapter, Volume
from vaesym.linear_vae.statement.symbols import TABLE

_NOTATION = (
    (r"W^*,\;W,\;V", r"signal, decoder and encoder, vectors in $\mathbb R^N$ (with $M$ latents: $N\times M$ matrices)"),
    (r"\mathcal L", "the loss summed over the training samples, with weight decay"),
    (r"\Omega,\;\mu", r"overlaps of decoder and encoder with one another, $\begin{pmatrix}Q&R\\R&E\end{pmatrix}$, and "
                      r"with the signal, $(m,d)$"),
    ("M^*", "number of signals of the data"),
    (r"\chi", r"susceptibilities, $\begin{pmatrix}\chi_{kk}&\chi_{kh}\\\chi_{kh}&\chi_{hh}\end{pmatrix}$"),
    ("A", r"matrix of the loss in the fields $(k,h)$"),
    ("C", r"covariance of the fields over fresh data, $\rho\mu\mu^T+\eta\Omega$; $C_{11}=C_{kk}$, $C_{12}=C_{kh}$, "
          r"$C_{22}=C_{hh}$"),
    ("G", r"response of the loss, $(I+\eta A\chi)^{-1}A$"),
    (r"H_0,\;\tilde\Lambda_j", r"stiffness of the weights without noise, and the sample eigenvalues at which its modes "
                               r"would be soft, $\det(H_0+\alpha\tilde\Lambda_jA)=0$"),
    (r"f,\;f_E,\;f_S", "free energy, and what of it samples and weights contribute"),
    (r"\Gamma", "replicon value; replica symmetry is stable up to 1"),
    (r"\psi(\ell)", r"sample eigenvalue at which the population eigenvalue $\ell$ shows"),
    (r"\alpha_B", r"detection threshold $(\eta/\rho)^2$"),
    (r"\Lambda_0", "upper edge of the eigenvalues of noise"),
    (r"\alpha_c", r"end of the plateau, the larger root of the quadratic \eqref{phases:plateau}"),
    (r"\mathrm{rate}_0,\;\Delta_0", "rate and distortion over the training set"),
    (r"\mathrm{rate}_{\mathrm G}", r"least rate of a code of a Gaussian source of variance $\rho+\eta$"),
    (r"\epsilon", "signal recovery error"),
    (r"\beta^*,\;\epsilon^*", r"the $\beta$ that recovers the signal best, and the error there"),
    (r"\hat G,\;\hat\chi,\;\hat\mu", "matrices of the conjugates"),
    (r"\Phi", "least loss over $N$ of a latent of given $Q$, less that of collapse"),
    (r"\ell_\beta", "loss of one sample"),
    (r"\mathbb E,\;\mathbb R,\;I,\;1", "mean; real numbers; unit matrix; vector of ones"),
    (r"x,\;x^i", "a sample, and the $i$-th of the training set, the rows of $X$"),
)
#: Letters of single chapters, which are none of the table, or none of the table there: their meanings.
LETTERS: dict[str, Mapping[str, str]] = {
    "model": {
        r"\mathbf n": "noise", "q": "law of the encoder", "p": "law of the decoder",
        r"\Sigma": "covariance of the data",
        "u": "both fields, $(k,h)$",
    },
    "free-energy": {
        r"\Delta": r"block of a replica-symmetric matrix $I_n\otimes\Delta+11^T\otimes O$",
        "O": r"block of a replica-symmetric matrix $I_n\otimes\Delta+11^T\otimes O$",
        "Z": "partition function", r"\mathcal C": "covariance of the fields of replicas", "u_a": "fields of a replica",
        r"\mathcal A": "any loss matrix, over the temperature",
        r"\zeta": "a standard normal variable", r"\xi": "standard normal variables",
        "s,b": "constants of an integral", r"\pi": "the circle's number",
        r"\varrho_i": "length of what a vector adds", r"\mathbf\Omega": "all overlaps",
        r"\delta": "size of a change of overlaps", "r": "pattern of a change over replicas",
        "B": "direction of a change of overlaps", "e": "base of the logarithm",
    },
    "saddle-point": {
        "e_k,e_h": "unit vectors", "Y,y_j": "basis of the modes",
        r"A_j,\chi_j,G_j": "loss, susceptibility and response of a mode",
        r"\bar C": "variance of $h$ over the training set", "h_0": "stiffness of a mode",
        r"\Xi": "the quadratic of a mode",
        r"\delta": "size of a change of overlaps", "B": "direction of a change of overlaps",
        "t": "a change of overlaps, in the basis of the modes",
    },
    "exact-solution": {
        "U": "gain of a latent along a direction", r"\pi_{ij}": "squared components of orthonormal vectors",
        r"\mathbf w": "components of the decoder, of several latents", r"\mathbf Q": "$W^TW/N$",
        "q_j": r"eigenvalues of $\mathbf Q$",
        "p": "the cubic", "X": "data matrix", "S": "sample covariance", "f_1": "free energy of one field",
    },
    "collapse": {
        "H": "Hessian", "J": "Jacobian", "p": "the cubic",
    },
    "large-data": {
        "p": "the cubic", "O": "terms of the order of",
    },
    "phases": {
        r"\lambda^*": r"$\lambda$ below which $\beta_c$ tends to $\rho+\eta$ from above",
        "Y,Y'": r"$\alpha\Lambda$ on the edge of the noise and its slope in $\alpha$",
        r"\Pi": "the quadratic of the plateau",
        r"\Theta": "the sign that tells the order of the transition",
        r"\Phi_1,\Phi_2": r"coefficients of $\Phi$ in $Q$", "p": "the cubic",
    },
    "choosing-beta": {
        "O": "terms of the order of", "b_i": r"coefficients of a cubic in $\beta$",
    },
    "rate-distortion": {
        "q": "law of the encoder", "p": "law of the true posterior", "e": "base of the logarithm",
    },
    "fluctuations": {
        "B": "a symmetric matrix", "y": "$x^TB^{-1}x$", "x_*": "components of the samples along the signal",
        "q": r"$x_*^T(\zeta-K)^{-1}x_*/P$", r"\xi": "noise of $q$", r"\xi_1": "noise of the slope of $q$",
        "K": "Gram matrix of the noise over $P$", "S": "sample covariance", r"\delta": "change of what follows it",
        "t": "variable of a generating function", "c": "latent of the data",
    },
    "extensions": {
        "S": "squared error of a sample", r"\Delta_l": "squared error along a direction",
        "p_i": "coefficients of the cubic",
        "f_1": "free energy of one field",
    },
    "likelihoods": {
        "A": "logarithm of the normalisation of a law", "S": r"$F^{-1/2}\Sigma F^{-1/2}$", "H": "Hessian",
        "J": "makes all columns of a group of those but the last", r"\Pi": "diagonal matrix of chances",
        r"\Sigma_y": "covariance of the scores", "a": "slope of a score in the value of the component",
        r"\ell": "loss of a component", r"\delta": "size of a small change", r"\hat x": "mean of the decoder",
        "t_i": "coefficient of the third Hermite polynomial", "b_i": "coefficient of the fourth Hermite polynomial",
    },
    "conditional": {
        r"\ell": "loss of a sample along an eigenvector", "c": "value of the covariate", "t": "a covariate",
        r"\theta": "what Dang et al. call a singular value of the covariance",
    },
    "hierarchical": {
        r"\ell": "loss of a mode, of its levels", "q": "laws of the encoders", "p": "laws of the decoders",
        r"\theta": "what Dang et al. call a singular value of the data",
        r"\sigma_1,\eta_{\mathrm{enc}},\eta_{\mathrm{dec}}": "standard deviations of Dang et al.",
    },
    "kinks": {
        "S": "sample covariance", r"\mathbf y": "row of the weights", "p": "penalty of a row",
        r"\xi": "standard normal variables", "J": "derivative of a row in its field",
        r"\delta": "a share of the coordinates", r"\vartheta": "share of the entries of $W^*$ that are not zero",
        r"\bar\chi": r"$\lambda\chi_{hh}$ of a soft encoder",
        r"\pi": "the circle's number", "u": "a direction", "e_k,e_h": "unit vectors", "B": "a symmetric matrix",
        "B_0": "a symmetric matrix",
        r"t_{ij}": "coefficients in Hermite polynomials", r"\kappa": r"$-G\chi$ along $u$",
    },
    "training-time": {
        "r": "rate at which collapse is left", "t": "time", "g_+,g_*": "resolvents",
        "b_0": r"$\beta\eta/[(\beta-\eta)(1+\beta\eta)]$", r"\beta_0": r"$\beta$ at which the rate vanishes",
        "r_3": "coefficient of the cube of a growing component", "y": r"$Q+\beta$",
        r"\nabla_W,\nabla_V": "gradients of one sample",
        "m_0": "$m$ at the start", "Q_0": "$Q$ at the start",
    },
}


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
        symbols, _NOTATION, {name: chapter.title for name, chapter in chapters.items()}, LETTERS)
