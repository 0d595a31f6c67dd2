"""What the report on images can say, in words that its parts share."""

from __future__ import annotations

HOLDS, FAILS, OPEN = "holds", "does not hold", "undecided"

#: The predictions of a further latent's threshold by name, with what they say.
NEXT = {"linear": "Λ₂ of the linear theory", "constant": "residual covariance (b constant)",
        "conditional": "Λ*(A), b free", "held_out": "Λ*(A), b judged on unseen samples",
        "own": "this network's own stability (b, a in its span)"}
#: Relative deviation from a prediction within which a threshold is to be found.
ALLOWED = 0.05
