"""The claims of the papers and the new ones: what each says, where it is proved, and where the truth is finer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from vaesym.algebra import Kind, Verdict

#: A step, by chapter and label.
Place = tuple[str, str]


@dataclass(frozen=True)
class Claim:
    """A claim and the steps that prove it.

    Parameters
    ----------
    label : C1 … C4 for claims of the papers, N1 … N20 for new ones, T1 … T6 for training in time
    source : the paper's own number, or "new"
    statement : LaTeX text
    proof : the steps that together prove it
    remark : LaTeX text; where the truth differs from what was claimed before, how
    short : the claim in a few plain words, for the index
    argued : what of the claim words carry and no step, in plain words
    """

    label: str
    source: str
    statement: str
    proof: tuple[Place, ...]
    remark: str = ""
    short: str = ""
    argued: tuple[str, ...] = ()

    def carried(self, verdicts: Mapping[str, Mapping[str, Verdict]]) -> list[str]:
        """Return what words carry: of the claim, and of its steps."""
        found = [verdicts[chapter][label] for chapter, label in self.proof]
        return [*self.argued, *dict.fromkeys(verdict.remark for verdict in found if verdict.kind is Kind.ARGUED)]

    def verdict(self, verdicts: Mapping[str, Mapping[str, Verdict]]) -> Kind:
        """Return the weakest verdict of its parts; KeyError if a step was not checked."""
        kinds = [verdicts[chapter][label].kind for chapter, label in self.proof]
        kinds += [Kind.ARGUED] if self.argued else []
        return next(kind for kind in reversed(Kind) if kind in kinds)


_STATED = (
    Claim("C1", "[IH] Claim 6.1",
          r"With unlimited data the latent collapses iff $\beta\ge\rho+\eta$, for any fixed weight decay; "
          r"below, $Q=\rho+\eta-\beta$, $D=\beta/(\rho+\eta)$, the rate is $\frac12\ln\frac{\rho+\eta}{\beta}$ and the "
          r"recovery error vanishes at $\beta=\eta$.",
          (("large-data", "threshold"), ("large-data", "norm"), ("large-data", "variance"), ("large-data", "rate"),
           ("large-data", "recovery"), ("large-data", "optimal-beta"),
           ("large-data", "global")),
          short="With unlimited data the latent collapses iff β ≥ ρ+η"),
    Claim("C2", "[IH] App. C.4",
          r"As $\alpha\to\infty$ collapse is linearly stable for $\beta>\rho+\eta$ and unstable for $\beta<\rho+\eta$; "
          r"latents with diagonal overlaps decouple.",
          (("collapse", "training-jacobian"), ("collapse", "training-eigenvalues"), ("collapse", "training-latents"),
           ("collapse", "replica-stability")),
          r"At $\beta=\rho+\eta$ itself, which [IH] counts as stable, the linear order decides nothing; no other state "
          r"is there, by \eqref{large-data:global}.",
          short="Collapse is linearly stable for β > ρ+η, unstable below; latents decouple",
          argued=("more than two latents: the blocks repeat",)),
    Claim("C3", "[IH] Claim 6.2",
          r"With unlimited data rate and distortion are those of the best code of a Gaussian source of variance "
          r"$\rho+\eta$, which the data along the signal are if $c$ is Gaussian.",
          (("large-data", "distortion"), ("large-data", "rate-distortion"), ("large-data", "gaussian-source")),
          short="With unlimited data the model is the best code of a Gaussian source",
          argued=("that a Gaussian component at distortion Δ needs half the logarithm of ℓ/Δ (Shannon)",)),
    Claim("C4", "[LZ]",
          r"For any covariance and without weight decay collapse is stable iff $\beta\sigma^2\ge\Lambda_{\max}$; "
          r"latent $l$ is active "
          r"iff $\Lambda_l>\beta\sigma^2$, with $\mathrm{KL}_l=\frac12\ln\frac{\Lambda_l}{\beta\sigma^2}$; "
          r"the KL has a jump of its slope and the ELBO gain grows as the square.",
          (("collapse", "covariance"), ("collapse", "active-norm"), ("collapse", "active-kl"), ("collapse", "kl-slope"),
           ("collapse", "gain-onset"),
           ("collapse", "no-decay-cubic"),
           ("exact-solution", "supermodular")),
          "[LZ] speaks of a discontinuity of the KL; without weight decay the KL is continuous and its slope jumps. "
          "A jump of the KL itself needs a transition of first order (N4).",
          short="Any covariance: latent l is active iff its eigenvalue exceeds βσ²"),
    Claim("N1", "new", r"Collapse is a strict local minimum for $\beta>\beta_c$ and none for $\beta<\beta_c$, with "
                       r"$\beta_c=\frac{\alpha\Lambda}{\alpha+\lambda}-\frac{\lambda}{\alpha\Lambda}$.",
          (("collapse", "hessian"), ("collapse", "threshold"), ("collapse", "replica-threshold")),
          r"At $\beta=\beta_c$ itself the Hessian decides nothing; collapse is stable there if $\Theta>0$, "
          r"\eqref{phases:tricritical}, where the transition is continuous.",
          short="Collapse is locally stable for β > β_c, unstable below, at any sample size"),
    Claim("N2", "new", r"Collapse is locally unstable where a quadratic in $\alpha$ is positive; for $\beta<\rho+\eta$ "
                       r"the plateau ends for good at its larger root, which diverges as $1/(\rho+\eta-\beta)$.",
          (("phases", "plateau"), ("phases", "plateau-opens"), ("phases", "plateau-divergence")),
          r"Learning can be re-entrant: it may start at $\alpha_B$ and be lost between the roots. With a first-order "
          r"transition the global minimum learns before the root.",
          short="Where the plateau of the learning curve ends",
          argued=("what the signs of a quadratic say of the order of its roots and of α_B",)),
    Claim("N3", "new", r"For $\alpha>\alpha_B$ collapse is locally unstable at $\beta=\rho+\eta$ iff "
                       r"$\alpha[\ell^2(\tau-\lambda)-\lambda]+\ell^2\tau(\tau-\lambda)-\lambda^2>0$ "
                       r"($\ell=\rho+\eta$, $\tau=\eta/\rho$).",
          (("phases", "escape"), ("phases", "escape-decay"), ("phases", "outlier-slope"), ("phases", "edge-threshold"),
           ("phases", "edge-slope"), ("phases", "edge-bound"),
           ("phases", "outlier-rise"),
           ("phases", "outlier-turn")),
          r"[IH] says that collapse is inevitable for $\beta\ge\rho+\eta$ regardless of the size of the data set. "
          r"That holds for unlimited data, and at every size iff "
          r"$\sup_\alpha\beta_c=\max(\rho+\eta,\max_{a\le\tau}\beta_c(a))$ equals $\rho+\eta$ and no first-order part "
          r"reaches beyond it: for $\rho=\eta=1$ from $\lambda=0.8152$ on (by numbers). For weaker weight decay finite "
          r"data sets escape; for $\lambda<\lambda^*=\ell^2\tau/(\ell^2+1)$ arbitrarily large ones do.",
          short="When a finite data set escapes the inevitable collapse"),
    Claim("N4", "new", r"The transition is continuous iff $\beta(\alpha+2\lambda)\ge\lambda/\Lambda$ on the threshold, "
                       r"else of first order with a jump of the KL.",
          (("phases", "landau"), ("phases", "tricritical"), ("phases", "spinodal"), ("phases", "coexistence"),
           ("exact-solution", "cubic-convex"),
           ("exact-solution", "cubic-at-zero")),
          short="The order of the transition"),
    Claim("N5", "new", r"The learning curve of an active model falls as a square root at $\alpha_B=(\eta/\rho)^2$; "
                       r"for small $\beta,\lambda$ its peak sits there iff $\beta/\lambda<(\ell^2-1)/(\ell\tau)$, "
                       r"and earlier otherwise.",
          (("phases", "cusp"), ("phases", "edge-norm"), ("phases", "small-cubic"), ("phases", "peak-condition")),
          r"[IH] reports a peak at $\alpha=1$, where they took $\rho=\eta$. It is the detection threshold; "
          r"the two agree for $\rho=\eta$ only. For $\rho+\eta\le1$ no small $\beta,\lambda$ put the peak there.",
          short="The peak of the learning curve sits at detection",
          argued=("that the error rises up to detection if its slope there is positive",)),
    Claim("N6", "new", r"The best error over $\beta$ is $\rho(1-o)$, whatever $\lambda$, wherever $Q=\rho o$ can be "
                       r"reached; at $\lambda=0$, $\beta^*=\Lambda-\rho o$.",
          (("choosing-beta", "recovery"), ("choosing-beta", "best-error"), ("choosing-beta", "condition"),
           ("choosing-beta", "no-decay"), ("choosing-beta", "expansion"), ("choosing-beta", "small-beta")),
          short="The best error over β is ρ(1−o), whatever the weight decay"),
    Claim("N7", "new",
          r"At $\lambda=0$ the training set has the rate $\frac12\ln(\Lambda/\Delta)$ at distortion $\Delta$ exactly; "
                       r"fresh data do not.",
          (("rate-distortion", "training-rate"), ("rate-distortion", "training-distortion"),
           ("rate-distortion", "fresh-rate"), ("rate-distortion", "fresh-distortion"),
           ("rate-distortion", "excess-rate")),
          short="The training set follows the rate-distortion curve exactly"),
    Claim("N8", "new", "The learning phase is stable against replica symmetry breaking and becomes marginal exactly at "
                       "the detection threshold; the overfitting phase is marginal throughout, the regularized phase "
                       "stable.",
          (("free-energy", "replicon-variation"), ("saddle-point", "replicon-modes"),
           ("exact-solution", "certificate-learning"), ("exact-solution", "certificate-overfitting"),
           ("phases", "replicon-learning"), ("phases", "replicon-overfitting"), ("phases", "replicon-second"),
           ("phases", "at-line"),
           ("phases", "replicon-regularized"),
           ("phases", "threshold-rises")),
          r"$\eta^2/(\alpha\rho^2)$ is the value of the mode on the outlier. The other mode's value is below "
          r"$\min(\alpha,1/\alpha)$ and may be the larger of the two; it never decides.",
          short="Replica symmetry is stable up to detection, marginal in overfitting"),
    Claim("N9", "new", r"For Gaussian data the outlier fluctuates with variance "
                       r"$\frac{2(\rho+\eta)^2}{P}(1-\frac{\eta^2}{\alpha\rho^2})$, jointly with its overlap; "
                       r"error bars of observables follow by the delta method.",
          (("fluctuations", "noise-covariance"), ("fluctuations", "linear-response"),
           ("fluctuations", "outlier-variance"), ("fluctuations", "covariance"), ("fluctuations", "norm-response"),
           ("fluctuations", "recovery-error-bar")),
          short="How the outlier fluctuates, and all error bars",
          argued=("that fluctuations are normal and small enough for the delta method",)),
    Claim("N10", "new", r"A learnable decoder variance is $\sigma^2=S_0/(N-\beta M_a)$ at $\lambda=0$; "
                        r"$\beta=1$ is probabilistic PCA.",
          (("extensions", "decoder-variance"), ("extensions", "decoder-threshold"),
           ("extensions", "probabilistic-pca")),
          short="The learned decoder variance; probabilistic PCA"),
    Claim("N11", "new", r"Unequal spikes have each their own $\alpha_B,\Lambda,o$, and latents decouple.",
          (("extensions", "unequal-tilts"), ("extensions", "unequal-outliers"), ("extensions", "unequal-overlaps"),
           ("exact-solution", "supermodular")),
          short="Unequal signals have each their own threshold"),
    Claim("N12", "new", r"For a decoder of an exponential family and without weight decay full collapse is locally "
                        r"unstable iff $\beta<\lambda_{\max}(F^{-1/2}\Sigma F^{-1/2})$, with $\Sigma$ the training "
                        r"set's covariance and $F=A''(\vartheta)$ at the best constant decoder: $F_i=p_i(1-p_i)$ for "
                        r"binary cross-entropy. For binary data that is the top eigenvalue of the correlation matrix, "
                        r"above $1$ as soon as two components are correlated.",
          (("likelihoods", "cross-entropy"), ("likelihoods", "constant-decoder"), ("likelihoods", "information"),
           ("likelihoods", "first-order"), ("likelihoods", "second-order"), ("likelihoods", "higher-powers"),
           ("likelihoods", "best-encoder"),
           ("likelihoods", "hessian"), ("likelihoods", "correlated"), ("likelihoods", "whitened"),
           ("likelihoods", "gaussian"),
           ("likelihoods", "bernoulli"), ("likelihoods", "binary"), ("likelihoods", "pair")),
          r"It holds for any encoder and decoder that can be small linear functions, with a normal posterior; nothing "
          r"is said of states with active latents.",
          short="Full collapse for any exponential family"),
    Claim("T1", "[IH2]", r"The average of a step of stochastic gradient descent on fresh data is a function of the "
                         r"overlaps alone as $N\to\infty$.",
          (("training-time", "sampled-loss"), ("training-time", "gradient"), ("training-time", "decoder-norm"),
           ("training-time", "encoder-norm"), ("training-time", "overlap"), ("training-time", "signal"),
           ("training-time", "variance")),
          r"[IH2] says that the overlaps converge to a deterministic process, with fluctuations of order $N^{-1/2}$. "
          r"The equations of that process are checked here; the order is measured: over 12 descents each at "
          r"$N=50,200,800$ the deviations fall as a power of $N$ within $0.2$ of $-\frac12$.",
          short="One pass is a closed process of the overlaps", argued=("that the overlaps concentrate",)),
    Claim("T2", "[IH2]", r"Without weight decay and at small rates collapse is locally stable iff "
                         r"$\beta\ge\rho+\eta$, so at any length of training; below, training rests where unlimited "
                         r"data end.",
          (("training-time", "fixed-point"), ("training-time", "growth"), ("training-time", "threshold"),
           ("training-time", "onset")),
          r"At $\beta=\rho+\eta$ itself the rate vanishes, and the cubic term \eqref{training-time:onset} brings a "
          r"latent "
          r"back. That training below comes to this rest from any start is measured, not proved. At a finite rate "
          r"sampling $z$ "
          r"keeps a collapsed latent at $Q=O(\gamma)$; averaging over it does not.",
          short="Collapse is stable iff β ≥ ρ+η at any length of training",
          argued=("that training comes to this rest from any start",)),
    Claim("T3", "[IH2]", r"Without weight decay and at small rates a superfluous latent grows along the noise iff "
                         r"$\beta<\eta$.",
          (("training-time", "growth"), ("training-time", "threshold"), ("training-time", "collapsed-norms")),
          r"Beside the signal the data vary by $\ell=\eta$. The stationary norms of order $\gamma$ diverge there. "
          r"[IH2] adds that learning slows down. That depends on the start: superfluous latents that start without "
          r"overlap with the signal and with the others change nothing. At $\rho=1$, $\eta=0.6$, "
          r"$\gamma=\gamma_D=0.01$, from $Q=E=0.01$ of each, $R=d=0$, $D=1$, $m=0.01$ of the first, the overlap has "
          r"half of its final value at the time $627$ for $\beta=0.3$ and at $1367$ for $\beta=1$, with one, two or "
          r"four latents. Its length from six random starts (the same variances at $N=1000$) has it no later with more "
          r"latents, which have more overlap to start with. What they cost is noise: $\|\sqrt\rho\,W^*/\sqrt N-W/\sqrt "
          r"N\|^2$, the latents turned for the best, ends at $0.02$, $0.33$, $0.94$ for $\beta=0.3$, and at $0.05$, "
          r"$0.06$, $0.07$ for $\beta=1$.",
          short="Superfluous latents grow along the noise iff β < η"),
    Claim("T4", "[IH2]", r"Without weight decay and at small rates annealing of $\beta$ shortens the plateau at a "
                         r"$\beta<\ell$, from $D=1$ on and with $\beta(t)\ge0$ at most by the ratio of the growth "
                         r"rates at $0$ and at $\beta$, to leading order for a small start; the ratio diverges as "
                         r"$\beta\to\ell$.",
          (("training-time", "growth-bound"), ("training-time", "annealing-slope"),
           ("training-time", "annealing-bound")),
          r"A $D$ that starts at $1$ stays there on the plateau; from a smaller one the rate may be up to $\ell$.",
          short="Annealing shortens the plateau, at most by the ratio of the growth rates at 0 and at β",
          argued=("that at a constant β the slow direction tells the length of the plateau, to leading order for a "
                  "small "
                  "start",)),
    Claim("T5", "new", r"Without weight decay and near its threshold a latent grows at the rate "
                       r"$r\approx\ell(\ell-\beta)/(\ell^2+1)$ and its amplitude obeys $\dot a=ra(1-a^2/Q_\infty)$: it "
                       r"wakes at $\ln(Q_\infty/Q_0-1)/(2r)$ from a small $Q_0$ on the slow direction.",
          (("training-time", "growth"), ("training-time", "slowing"), ("training-time", "onset")),
          short="The time at which a latent wakes near its threshold"),
    Claim("T6", "new", r"Gradient flow at finite $\alpha$ is exactly solvable: a latent grows along an eigenvector iff "
                       r"$\beta<\beta_c$ of N1, and the spectral measure of $W^*$ has the mass $o$ at $\Lambda$.",
          (("training-time", "flow"), ("training-time", "flow-threshold"), ("training-time", "jacobi-tail"),
           ("training-time", "signal-resolvent"), ("training-time", "signal-outlier")),
          r"The entries of the Jacobi matrix are argued in words, and checked by the resolvents that they give.",
          short="Gradient flow at finite α is exactly solvable"),
    Claim("N13", "new", r"The same holds for any smooth loss of the decoder's output, with the covariance $\Sigma_y$ "
                        r"of the scores in place of that of the data and the mean curvature $F$ of the loss, and does "
                        r"not depend on the link. With $\Sigma$ again the covariance of the data, the threshold is the "
                        r"top eigenvalue of $\Sigma_{ij}/\sqrt{\mu_i\mu_j}$ for Poisson counts, with "
                        r"$\mu_i+\mu_i^2/\xi_i$ in place of $\mu_i$ for negative binomial ones, the dispersion given "
                        r"or learned; for one-hot groups of $\mathrm{Cov}_{ij}/\sqrt{p_ip_j}$ over all columns; of the "
                        r"correlation matrix if each component learns a variance, of the covariance over its mean "
                        r"variance if all share one.",
          tuple(("likelihoods", label) for label in (
              "any-loss", "link", "poisson", "negative-binomial", "dispersion", "softmax", "one-hot", "correspondence",
              "sizes", "multinomial",
              "learned-variances", "correlation", "shared-variance")),
          r"Without weight decay; learned variances and dispersions do not depend on the latent.",
          short="Full collapse for any smooth loss, whatever the link"),
    Claim("N14", "new; Dang et al. 2024",
          r"A conditional VAE is a VAE on the residuals. With covariates of rank $rN$ the eigenvalue is that of "
          r"$\alpha-r$, times $1-r/\alpha$. Without weight decay, if the encoder is not told, "
          r"$\beta_c=\Lambda^2/(\Lambda+B)$ along an eigenvector of both covariances, within and between groups; an "
          r"active latent has $D=\beta\eta_{\mathrm{dec}}^2/\theta$, and $D=1$ for "
          r"$\theta\le\beta\eta_{\mathrm{dec}}^2$.",
          tuple(("conditional", label) for label in (
              "shifts", "regression", "residual", "samples", "threshold", "blind", "variance", "branch")),
          r"For the learned variance of the conditional VAE the branch is printed at "
          r"$\theta\ge\sqrt\beta\,\eta_{\mathrm{dec}}$. With $\theta$ a singular value of the residual covariance it "
          r"is that of the norm, $\theta\ge\beta\eta_{\mathrm{dec}}^2$; the two agree at "
          r"$\beta\eta_{\mathrm{dec}}^2=1$ only. To put $\alpha-r$ for $\alpha$ in the whole threshold is wrong: the "
          r"KL is paid for all samples.",
          short="A conditional VAE is a VAE on the residuals"),
    Claim("N15", "Dang et al. 2024",
          r"Without weight decay, with two levels and a given $\Sigma_1$, the second level of a mode dies first, at "
          r"$\Lambda=s\beta_2^2/(\beta_1\Sigma_1)$, if $\beta_1\Sigma_1<\beta_2$, and the first at "
          r"$s\beta_1\Sigma_1$; for $\beta_1\Sigma_1>\beta_2$ the first dies at $s\beta_2$.",
          tuple(("hierarchical", label) for label in (
              "loss", "upper", "joining", "lower", "slopes", "spread", "thresholds", "learned", "learned-slopes",
              "bounded-slopes")),
          r"For one mode, all weights along one singular vector. In the second case the second level lives on, and "
          r"codes the noise of the first. With $\Sigma_1$ learned the second level is dead for $\beta_2>\beta_1$, "
          r"undecided at $\beta_2=\beta_1$, and for $\beta_2<\beta_1$ the loss has no minimum.",
          short="Which of two levels dies first"),
    Claim("N16", "new", r"A learned decoder variance with weight decay is the squared error per dimension; full "
                        r"collapse is locally stable for $\beta$ above, unstable below "
                        r"$\frac{\alpha\Lambda}{\Lambda_m(\alpha+\lambda\Lambda_m)}-"
                        r"\frac{\lambda}{\alpha\Lambda}$. With unequal weight decay "
                        r"$\beta_c=\frac{\alpha\Lambda}{\alpha+\lambda_W}-\frac{\lambda_V}{\alpha\Lambda}"
                        r"\le\Lambda(1-\frac{\sqrt{\lambda_W\lambda_V}}{\alpha\Lambda})^2$; with tied weights "
                        r"$\beta_c=2-\frac{1+\lambda/\alpha}{\Lambda}$.",
          tuple(("extensions", label) for label in (
              "variance-slope", "variance-distortion", "variance-threshold", "unequal-decay", "best-split", "gauge",
              "tied", "tied-order")),
          r"Only the product $\lambda_W\lambda_V$ matters for reconstruction and loss as $\beta\to0$; at any "
          r"$\beta>0$ the split does too.",
          short="Learned variance, unequal decay and tied weights move the threshold",
          argued=("that the few active latents are lost among N directions",)),
    Claim("N17", "new", r"Under absolute values of decoder and encoder, or the norms of rows, beside weight decay "
                        r"$\lambda$, collapse is stable for $\beta$ above, unstable below "
                        r"$\frac{\alpha\eta}{\alpha+\lambda}-\frac{\lambda}{\alpha\eta}$: from $\beta=\eta$ on "
                        r"under absolute values alone, whatever their weight. There, for $\beta<\eta$, a latent that "
                        r"copies one coordinate is deeper, at $Q=\eta-\beta$ and rate $\frac12\ln\frac\eta\beta$.",
          tuple(("kinks", label) for label in ("stiffness", "threshold", "localised", "localised-cost",
                                              "soft-stiffness", "encoder-kink", "decoder-kink",
                                              "decoder-kink-spectrum")),
          r"As $N\to\infty$, and for states of small $Q$; at finite $N$ the copy pays $\lambda_1\sqrt{Q/N}$ and more, "
          r"and lies behind a barrier that does not grow with $N$. With a kink on one of the two alone the other is "
          r"spread over all coordinates, and collapse less stable: for the encoder's the threshold is "
          r"\eqref{kinks:encoder-kink}, for the decoder's \eqref{kinks:decoder-kink}, $\eta$ again without weight "
          r"decay.",
          short="Under kinks of both weights collapse is stable from β = η on, whatever their size"),
    Claim("N18", "new", r"Overfitting has no replica symmetry under an even convex penalty that is a sum over the "
                        r"rows $(W_i,V_i)$ and quadratic along no direction, as absolute values of both, nor under "
                        r"absolute values of one weight alone, with weight decay on the other; under weight decay "
                        r"alone it is marginal.",
          tuple(("kinks", label) for label in ("spread", "poincare", "one-direction", "one-weight",
                                              "one-weight-positive")),
          r"At $\rho=\eta=1$, $\alpha=0.7$, $\beta=0.8$, $\lambda=\lambda_1=0.8$ the overfitting state has the "
          r"replicon value 2.46 under absolute values of both, 1.90 of the decoder alone, 1.32 of the encoder alone. "
          r"Trained "
          r"at $\rho=\eta=1$ on a dense signal, entries of size 1, from 6 random starts on each of 4 data sets "
          r"at $N=200,400,800$: at $(\alpha,\beta,\lambda_1)=(3,0.7,1)$, where learning has a replicon of 1.02, 9 of "
          r"the 12 data sets show several minima; at $(4,1,\frac12)$, where it is stable, none does. Between learning "
          r"and its continuous end lies a region without replica symmetry, and free energies of overfitting states are "
          r"those of the replica-symmetric equations only.",
          short="Overfitting under absolute values of decoder or encoder breaks replica symmetry",
          argued=("the free energy of replica symmetry", "the inequality of Poincaré beyond polynomials (Chen 1982)",
                  "the eigenvector of a positive map (Krein and Rutman 1948)")),
    Claim("N19", "new", r"Below $\alpha_B=(\eta/\rho)^2$ every state that is blind to the signal and has a stable "
                        r"replica symmetry is stable against the signal, under any convex separable penalty and for "
                        r"any law of $W^*$.",
          (("kinks", "drive"), ("kinks", "spread-of-slopes"), ("kinks", "onset"), ("kinks", "detection")),
          r"Of overfitting states without replica symmetry, as under absolute values (N18), and of searches in "
          r"general this says nothing. As for sparse principal components, where message passing from a blind start "
          r"detects no signal of symmetric law below the threshold of the spectrum, and a sparse one has a state of "
          r"its own (Lesieur, "
          r"Krzakala and Zdeborov\'a 2017 \cite{LKZ}). A signal on a share of 0.01 of the entries has here "
          r"too: trained from $W=0.9\,W^*$, $V=0.5\,W^*$ at $\rho=\eta=1$, $\alpha=0.7$, $\beta=\lambda_1=0.8$, it is "
          r"kept, with $m=0.868\pm0.011$ at $N=4000$ (4 data sets) for $0.879$ in theory.",
          short="Blind states of stable replica symmetry are stable against the signal below α_B",
          argued=("the free energy of replica symmetry",)),
    Claim("N20", "new", r"With many samples absolute values see a sparse signal by their costs per sample only, "
                        r"$g_W=g_V=\lambda_1\sqrt\vartheta/\alpha$ of decoder and encoder. Without weight decay, near "
                        r"$\beta=\rho+\eta$ the transition is of first order: to leading order in these, with "
                        r"$g=(\rho+\eta)g_W+g_V$, learning is deeper up to $\beta=\rho+\eta-\frac32(2g)^{2/3}$, where "
                        r"$Q$ jumps to $(2g)^{2/3}$, and ends at $\rho+\eta-3(g/2)^{2/3}$.",
          tuple(("kinks", label) for label in ("unlimited", "near-threshold", "equal-depth", "end")),
          r"Decoder and encoder enter by a sum here, not by the product as under weight decay; $\vartheta$ is the "
          r"share of the entries of $W^*$ that are not zero.",
          short="Under a small kink the transition is of first order, with a power of two thirds"),
    Claim("P", "new", r"Physical saddles have $\chi\succ0$, a replicon value of at most 1, and $\det(I+\eta A\chi)>0$; "
                      r"none of the three conditions follows from the other two.",
          (("saddle-point", "virtual-spike"), ("saddle-point", "reciprocal"), ("saddle-point", "replicon-values"),
           ("saddle-point", "sample-average"), ("saddle-point", "examples")),
          r"$\chi\succ0$ alone also admits an unstable root and, for $\alpha<1$, saddles in the gap of the spectrum.",
          short="Which saddles are physical",
          argued=("that a saddle which violates one of them is no state of a trained model",)),
    Claim("E", "new", "The replica-symmetric solution is exact: it is the minimum found by elimination and random "
                      "matrix theory, in each phase.",
          (("exact-solution", "certificate-learning"), ("exact-solution", "certificate-overfitting"),
           ("exact-solution", "certificate-collapsed"), ("exact-solution", "certificate-cubic"),
           ("exact-solution", "certificate-energy"), ("fluctuations", "companion-outlier"),
           ("fluctuations", "schur-overlap"),
           ("exact-solution", "variance-convex"),
           ("exact-solution", "supermodular"),
           ("fluctuations", "leave-one-out"),
           ("free-energy", "exponent"),
           ("free-energy", "no-replicas")),
          "The eigenvalues and overlaps are found twice: by replicas of principal component analysis, "
          "and without replicas by leaving out one sample at a time and Schur's complement.",
          short="The replica-symmetric solution is exact"),
)
#: The claims of the papers, the new ones, those on training in time; what holds them together.
CLAIMS = tuple(sorted(_STATED, key=lambda claim: ("CNTPE".index(claim.label[0]), int(claim.label[1:] or 0))))
