"""What the report on images can say, in words that its parts share."""

from __future__ import annotations

HOLDS, FAILS, OPEN = "holds", "does not hold", "undecided"

#: The predictions of a further latent's threshold by name, with what they say.
NEXT = {"linear": "Λ₂ of the linear theory", "constant": "residual covariance (b constant)",
        "conditional": "Λ*(A), b free", "held_out": "Λ*(A), b judged on unseen samples",
        "own": "this network's own stability (b, a in its span)"}
#: Relative distance of a prediction from β within which it is too close to call: what draws, bumps and finite descents
#: leave open.
TOLERANCE = 0.02
#: Relative deviation from the linear theory within which full collapse is to be found.
ALLOWED = 0.05
