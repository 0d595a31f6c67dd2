"""Chapter: the data, the model and its loss, with the sampling of the latents averaged out exactly."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter
from derivations.linear_vae.replicas.matrices import MATRICES
from vaesym.algebra import Domain, Step
from vaesym.linear_vae.statement import data, loss, observables
from vaesym.linear_vae.statement.moments import average
from vaesym.linear_vae.statement.symbols import (
    OVERLAP,
    D,
    E,
    Q,
    alpha,
    beta,
    c,
    d,
    domains_of,
    eta,
    h,
    k,
    lam,
    m,
    rho,
    sigma,
    sym,
    x2,
)

_PLANTED = sp.Matrix([[m**2, m * d], [m * d, d**2]])
_CONSTANT = Q * D / 2 + beta * (D - sp.log(D) - 1) / 2
_TEACHER = sp.Matrix([sp.Symbol(f"W^*_{i}", real=True) for i in (1, 2, 3)])
_DOMAINS = {**domains_of(), **dict.fromkeys(_TEACHER, Domain(-2, 2, "uniform"))}
_c = list(MATRICES)[-1]
_A, _W, _N, _M = sym("reconstruction_weight"), sym("kl_weight"), sym("dimension"), sym("latents")


def _data_covariance() -> sp.Matrix:
    """Second moments of three components of x, from the moments of c and of the noise."""
    noise = sp.symbols("n_1:4", real=True)
    x = [sp.sqrt(rho / _N) * _TEACHER[i] * c + sp.sqrt(eta) * noise[i] for i in range(3)]
    return sp.Matrix(3, 3, lambda i, j: average(x[i] * x[j], [c, *noise], [0] * 4, sp.eye(4)))


def _effective_betas() -> tuple[sp.Expr, ...]:
    return tuple(loss.effective_beta(error, kl) for error in (False, True) for kl in (False, True))


STEPS = (
    Step("data-covariance", "Covariance of the data", sp.MatrixSymbol("Sigma", 3, 3), _data_covariance,
         eta * sp.eye(3) + rho * _TEACHER * _TEACHER.T / _N, _DOMAINS, "[IH] Eq. 4",
         ("$c$ has zero mean and unit variance",),
         prose=r"A datum is $x=\sqrt{\rho/N}\,W^*c+\sqrt\eta\,\mathbf n\in\mathbb R^N$ with $\|W^*\|^2=N$: standard "
               r"normal noise $\mathbf n$ of strength $\eta$ in all directions, and a signal of strength $\rho$ along "
               r"one hidden direction $W^*$, with a latent $c$ of zero mean and unit variance. For the free "
               r"energy, and so for the state of a trained model, its law does not matter beyond that. The loss is "
               r"quadratic in the data, so that it knows a training set by its second "
               r"moments alone, and in these $c$ stands in $\frac1P\sum c^2\to1$ and in $\frac1{\sqrt P}\sum "
               r"c\,\mathbf n$, which is normal for any law of $c$. (In the language of replicas: the Gaussian "
               r"average \eqref{free-energy:average-one-sample} holds for any number of replicas if $c$ is "
               r"Gaussian. At given $c$ it is the exponential of a quadratic form in $c$ that is of first order in "
               r"the number of replicas, and at this order, all that is left as this number tends to zero, the mean "
               r"over $c$ takes $\mathbb E\,c^2$ alone.) Nor does it matter for the rate, the distortion and the "
               r"recovery error, which take second moments of fresh data. Three things need more and are for a "
               r"Gaussian $c$: fluctuations, \eqref{fluctuations:outlier-variance}, to which the fourth moment adds; "
               r"the law of $h$ in \eqref{rate-distortion:collapse-probability} and "
               r"\eqref{rate-distortion:collapse-probability-two}; and that a Gaussian source, with whose best code "
               r"rates are compared, is that of the data. Three components of $x$ have the covariance"),
    Step("field-covariance", "Covariance of the fields", sp.MatrixSymbol("C", 2, 2), data.field_covariance,
         rho * _PLANTED + eta * OVERLAP, _DOMAINS, "[IH] App. C.2", ("fresh data, independent of the weights",),
         prose=r"The model has one latent $z$ with the prior $N(0,1)$, a decoder $p(x|z)=N(Wz/\sqrt N,I)$ and an "
               r"encoder $q(z|x)=N(V\cdot x/\sqrt N,D)$, with weights $W,V\in\mathbb R^N$ and a variance $D$ that "
               r"are trained. It sees a datum through two fields, $k=W\cdot x/\sqrt N$ and $h=V\cdot x/\sqrt N$. "
               r"Over fresh data they are centred with covariance $C=\rho\mu\mu^T+\eta\Omega$, where "
               r"$\mu=(m,d)=(W\cdot W^*,V\cdot W^*)/N$ are the overlaps with the signal and "
               r"$\Omega=\begin{pmatrix}Q&R\\R&E\end{pmatrix}$ those of the weights with one another, $Q=\|W\|^2/N$, "
               r"$R=W\cdot V/N$ and $E=\|V\|^2/N$:"),
    Step("reconstruction", "Reconstruction, averaged over the posterior", sp.Symbol(r"\ell_{\mathrm{rec}}"),
         loss.reconstruction, (x2 - 2 * h * k + Q * (h**2 + D)) / 2, _DOMAINS, "[IH] Eqs. 1, 5",
         ("$q(z|x)$ is normal with mean $h$ and variance $D$",),
         prose=r"The encoder draws $z\sim N(h,D)$, the decoder reconstructs $Wz/\sqrt N$. Half the squared error "
               r"$\|x-Wz/\sqrt N\|^2$, averaged over $z$ exactly, is"),
    Step("kl", "Divergence from the prior", sp.Symbol(r"\ell_{\mathrm{KL}}"), loss.kl_to_prior,
         (h**2 + D - 1 - sp.log(D)) / 2, _DOMAINS, "[IH] Eq. 1",
         prose=r"The Gaussian average of $\ln q - \ln p$ over $q$ is the KL term,"),
    Step("sample-loss", "Loss of one sample", sp.Symbol(r"\ell_{\beta}"), loss.sample_loss,
         -h * k + Q * (h**2 + D) / 2 + beta * (h**2 + D - sp.log(D) - 1) / 2, _DOMAINS, "[IH] Eqs. 1, 5",
         prose=r"Weighted by $\beta$ and without the constant $\|x\|^2/2$, so that the collapsed state $W=V=0$, "
               r"$D=1$ has none, the loss of one sample is"),
    Step("loss-matrix", "The loss as a quadratic form", sp.MatrixSymbol("A", 2, 2), loss.loss_matrix,
         sp.Matrix([[0, -1], [-1, Q + beta]]), _DOMAINS, "new",
         prose=r"It is quadratic in the fields, $\ell_\beta=\frac12u^TAu+c_0$ with $u=(k,h)$. Its Hessian is"),
    Step("loss-constant", "The part without fields", sp.Symbol("c_0"), loss.loss_constant, _CONSTANT, _DOMAINS, "new",
         prose="and the part that no field enters"),
    Step("rate", "The rate", sp.Symbol(r"\mathrm{rate}"), observables.rate,
         (_c[1, 1] + D - 1 - sp.log(D)) / 2, _DOMAINS, "[IH] Eq. 8", where=MATRICES,
         prose=r"Three numbers say how good a trained model is; all are expectations over \emph{fresh} data, "
               r"independent of the weights. The rate is the mean KL term, $\mathbb E_x\mathrm{KL}(q(z|x)\,|\,p(z))$, "
               r"what the latent carries of a datum in nats:"),
    Step("distortion", "The distortion", sp.Symbol(r"\mathrm{distortion}"), observables.distortion,
         rho + eta - 2 * _c[0, 1] + Q * (_c[1, 1] + D), _DOMAINS, "[IH] Claim 5.3", where=MATRICES,
         prose=r"The distortion is the mean squared error beyond the noise of the $N-1$ other directions, "
               r"$\mathbb E_x\mathbb E_q\|x-Wz/\sqrt N\|^2-(N-1)\eta$, so that a collapsed latent has "
               r"$\rho+\eta$, the variance of the data along the signal:"),
    Step("recovery-error", "The signal recovery error", sp.Symbol("epsilon"), observables.signal_recovery_error,
         rho - 2 * sp.sqrt(rho) * sp.Abs(m) + Q, _DOMAINS, "[IH] Eq. 7", where=MATRICES,
         prose=r"The signal recovery error compares what the decoder makes of a latent with what the data make of it, "
               r"$\frac1N\mathbb E_z\|\sqrt\rho\,W^*z-Wz\|^2$ with $z\sim N(0,1)$ and the better sign of $W$ (for "
               r"several latents and signals, $\rho M^*-2\sqrt\rho\,\|W^TW^*\|_*/N+\mathrm{tr}\,W^TW/N$ at the best "
               r"rotation of the latents, with the sum $\|\cdot\|_*$ of singular values):"),
    Step("decoder-variance", "Scaling with the decoder variance", sp.Symbol(r"\sigma^{2}\ell_{\sigma}"),
         lambda: sp.expand(sigma**2 * loss.loss_with_decoder_variance()),
         -h * k + Q * (h**2 + D) / 2 + beta * sigma**2 * (h**2 + D - sp.log(D) - 1) / 2
         + lam * sigma**2 * (Q + E) / (2 * alpha), _DOMAINS, "new",
         prose=r"Two remarks on other losses. Let the decoder have the variance $\sigma^2$, and let weight decay "
               r"$\frac\lambda2(\|W\|^2+\|V\|^2)$ be added to the loss of $P=\alpha N$ samples. With its share of "
               r"that, the loss of a sample times $\sigma^2$ is that of unit variance at "
               r"$(\beta\sigma^2,\lambda\sigma^2)$. From here on $\sigma=1$, unless it is written:"),
    Step("loss-scale", "From a user's loss to the theory", sp.Symbol(r"\beta\sigma^{2}"), _effective_betas,
         (_W / (2 * _A), _W / (2 * _M * _A), _W * _N / (2 * _A), _W * _N / (2 * _M * _A)), _DOMAINS, "new",
         prose="Programs differ in what they average. For a loss of $a_S$ times the squared error and $w_K$ times "
               "the KL the effective "
               "weight is, with (error, KL) summed or averaged over their dimensions, the $N$ components of a sample "
               "and the $M$ latents, as (sum, sum), (sum, mean), (mean, sum), (mean, mean),"),
)

CHAPTER = Chapter(
    "model", "The model",
    "Data with one hidden direction, a linear encoder and a linear decoder: the smallest variational autoencoder "
    "that can learn, overfit and collapse. All expectations over the latent are exact. Of other "
    r"likelihoods, binary cross-entropy among them, Chapter~\ref{chapter:likelihoods} derives where full collapse "
    "becomes unstable; beyond that they are outside this theory, as are perceptual and adversarial losses.", STEPS,
    question="What is learned from what, and how is the result judged?",
    answer=r"A sample enters the loss through two fields, $k$ and $h$, in a quadratic form, and fresh data enter every "
           r"observable through the covariance $C$ of the fields. So all there is to know of a trained model are the "
           r"overlaps $Q,E,R,m,d$ and the posterior variance $D$; the next chapters find them.")
