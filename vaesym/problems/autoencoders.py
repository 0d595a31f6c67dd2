"""The linear β-VAE with weight decay and with absolute values, linear autoencoders, and principal components.

Sources: Y. Ichikawa and K. Hukushima, arXiv:2309.07663 (linear VAE); M. Refinetti and S. Goldt, arXiv:2201.02115
(autoencoders); J. Baik, G. Ben Arous and S. Péché, arXiv:math/0403022 (components).
"""

import sympy as sp

from vaesym.problem import Data, Parameter, Problem, Student, Students, Unlabelled, normal, sparse, spread_evenly

beta, lam, rho, eta, share = sp.symbols("beta lam rho eta share", positive=True)
lam_decoder, lam_encoder = sp.symbols("lam_decoder lam_encoder", positive=True)
k, h, w, v, R, m, d, zeta = sp.symbols("k h w v R m d zeta", real=True)
Q, E, D = sp.symbols("Q E D", positive=True)
DECODER, ENCODER = Student("decoder", k, w, Q, m), Student("encoder", h, v, E, d)
BOTH = Students((DECODER, ENCODER), (R,))
SPIKED = (Parameter(rho, "strength of the signal"), Parameter(eta, "strength of the noise"))
#: ½E‖x − wz/√N‖² + β KL(N(h, D) ‖ N(0, 1)) of z ~ N(h, D), without ½‖x‖²; see vaesym.linear_vae.statement.loss.
VAE = -k * h + Q * (h**2 + D) / 2 + beta * (h**2 + D - 1 - sp.log(D)) / 2
_FRESH = rho * d**2 + eta * E
_OBSERVED = {
    "signal_recovery_error": rho - 2 * sp.sqrt(rho) * sp.Abs(m) + Q,
    "rate": (_FRESH + D - 1 - sp.log(D)) / 2,
    "distortion": Q * (_FRESH + D) - 2 * (rho * m * d + eta * R) + rho + eta,
}
_BETA = Parameter(beta, "weight of the KL term")

linear_vae = Problem(
    name="linear_vae",
    title="Linear beta-VAE",
    loss=VAE,
    penalty=lam * (w**2 + v**2) / 2,
    data=Data(Unlabelled(), normal(), eta, rho),
    parameters=(_BETA, Parameter(lam, "weight decay of decoder and encoder"), *SPIKED),
    observables=_OBSERVED,
    source="arXiv:2309.07663",
    students=BOTH,
    free=(Parameter(D, "variance of the variational posterior"),),
)

l1_vae = linear_vae.but(
    name="l1_vae",
    title="Linear beta-VAE with absolute values of the weights as its penalty",
    penalty=lam_decoder * sp.Abs(w) + lam_encoder * sp.Abs(v),
    data=Data(Unlabelled(), spread_evenly(), eta, rho),
    parameters=(_BETA, Parameter(lam_decoder, "weight of the absolute values of the decoder"),
                Parameter(lam_encoder, "weight of the absolute values of the encoder"), *SPIKED),
    source="new",
)

#: The same on a signal of which only a share of the entries is not zero.
sparse_vae = l1_vae.but(
    name="sparse_vae",
    title="Linear beta-VAE with absolute values of the weights as its penalty, on a sparse signal",
    data=Data(Unlabelled(), sparse(share), eta, rho),
    parameters=(*l1_vae.parameters, Parameter(share, "share of the signal's entries that are not zero", most=1.0)),
)

linear_autoencoder = Problem(
    name="linear_autoencoder",
    title="Linear autoencoder of one latent",
    loss=-k * h + Q * h**2 / 2,
    penalty=lam * (w**2 + v**2) / 2,
    data=Data(Unlabelled(), normal(), eta, rho),
    parameters=(Parameter(lam, "weight decay of decoder and encoder"), *SPIKED),
    observables={"distortion": Q * _FRESH - 2 * (rho * m * d + eta * R) + rho + eta,
                 "signal_recovery_error": rho - 2 * sp.sqrt(rho) * sp.Abs(m) + Q},
    source="arXiv:2201.02115",
    students=BOTH,
)

#: Decoder and encoder are one vector: x̂ = w (w·x)/N.
tied_autoencoder = linear_autoencoder.but(
    name="tied_autoencoder",
    title="Linear autoencoder of one latent with tied weights",
    loss=-k**2 + Q * k**2 / 2,
    penalty=lam * w**2 / 2,
    parameters=(Parameter(lam, "weight decay"), *SPIKED),
    observables={"distortion": (Q - 2) * (rho * m**2 + eta * Q) + rho + eta},
    students=Students((DECODER,)),
)

pca = Problem(
    name="pca",
    title="The first principal component",
    loss=-k**2 / 2 + zeta * (Q - 1) / 2,
    penalty=sp.S.Zero,
    data=Data(Unlabelled(), normal(), eta, rho),
    parameters=SPIKED,
    observables={"eigenvalue": zeta, "squared_overlap": m**2},
    source="arXiv:math/0403022",
    students=Students((DECODER,)),
    free=(Parameter(zeta, "variance of the samples along the component, which holds ‖w‖² at N"),),
)
