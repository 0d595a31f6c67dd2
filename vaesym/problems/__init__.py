"""Learning problems, each stated in a file of its own; ``vaesym.problems.lasso`` is an object of that name."""

from __future__ import annotations

import importlib
from typing import Any

#: Shipped problems by name, and the module in which each is stated.
HOMES = {"ridge": "ridge_regression", "lasso": "lasso_regression", "elastic_net": "lasso_regression",
         "logistic": "logistic_regression", "hinge": "hinge_classification",
         "gaussian_mixture": "gaussian_mixture_classification",
         "gaussian_mixture_bias": "gaussian_mixture_classification", "poisson_regression": "poisson_counts",
         "multi_output_ridge": "several_outputs", "softmax": "several_outputs",
         "pca": "autoencoders", "linear_autoencoder": "autoencoders", "linear_vae": "autoencoders",
         "tied_autoencoder": "autoencoders",
         "l1_vae": "autoencoders", "sparse_vae": "autoencoders"}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'vaesym.problems' has no attribute {name!r}; it has {', '.join(HOMES)}")
    return getattr(importlib.import_module(f"vaesym.problems.{HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *HOMES])
