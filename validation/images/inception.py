"""Fréchet Inception distance with weights that the user has: nothing is downloaded.

Untested with the real weights. Tested are the refusals and the way of the images to the network, with a small network
in its place; no number of the literature has been reproduced.
"""

from __future__ import annotations

import hashlib
import os
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vaesym import inputs
from vaesym.inputs import InputError

WEIGHTS = "weights-inception-2015-12-05-6726825d.pth"
#: The file's name ends on the first digits of its SHA-256, as torch.hub wants it.
_DIGEST = "6726825d"
_SOURCE = f"get {WEIGHTS} from github.com/toshas/torch-fidelity, release v0.2.0, and pass its path"
_LAYERS = (64, 192, 768, 2048)


def inception_frechet(images: NDArray[Any], samples: NDArray[Any], shape: tuple[int, int, int], *,
                      weights: str | os.PathLike[str] | None, features: int = 2048, check: bool = True,
                      batch_size: int = 64) -> float:
    """Return the Fréchet Inception distance between images (P, N) and samples (P', N), by torchmetrics.

    Parameters
    ----------
    images, samples : real numbers from 0 to 1, each row an image (C, H, W) flattened
    shape : (C, H, W), C = 1 or 3; one channel is given to the network three times
    weights : path of the Inception network's weights in torch-fidelity's format
    features : of which layer, by its size: 64, 192, 768 or 2048. For 2048, P and P' of 2048 or fewer give singular
        covariances, and a number that means little
    check : whether the weights must have the digest of the usual file
    batch_size : images that go through the network at a time

    Raises
    ------
    vaesym.InputError
        No weights, weights of another digest or that cannot be read as tensors, torchmetrics or torch-fidelity not
        installed, or images that do not fit shape and range.

    Notes
    -----
    Source: Heusel et al. (2017). Values are rounded to 256 grey levels, as the network takes them; torchmetrics
    resizes the images to 299×299 with antialiasing, and divides covariances by P − 1. Other programs resize
    otherwise, and their numbers differ.

    Examples
    --------
    >>> inception_frechet(np.zeros((2, 4)), np.ones((2, 4)), (1, 2, 2), weights=None)
    Traceback (most recent call last):
    ...
    vaesym.inputs.InputError: expected a file with the weights of the Inception network; received None; get \
weights-inception-2015-12-05-6726825d.pth from github.com/toshas/torch-fidelity, release v0.2.0, and pass its path
    """
    if features not in _LAYERS:
        raise InputError(f"features out of {', '.join(map(str, _LAYERS))}", f"{features!r}", "choose one of them")
    rows = inputs.count("batch_size", batch_size)
    sets = [_bytes(images, shape, "images"), _bytes(samples, shape, "samples")]
    metric = _metric(features, _checked_weights(weights, check))
    for real, pixels in zip((True, False), sets, strict=True):
        for start in range(0, len(pixels), rows):
            piece = torch.from_numpy(pixels[start:start + rows]).expand(-1, 3, -1, -1)
            metric.update(piece, real=real)
    return float(metric.compute())


def _bytes(values: NDArray[Any], shape: tuple[int, int, int], name: str) -> NDArray[np.uint8]:
    """Return images (P, C, H, W) of 256 levels; rounded, since torchmetrics would cut off, and wrap around beyond."""
    channels, height, width = shape
    if channels not in (1, 3):
        raise InputError("images of 1 or 3 channels", f"{channels}", "give grey or RGB images")
    if values.ndim != 2 or values.shape[1] != channels * height * width or len(values) < 2:
        raise InputError(f"{name} of shape (P, {channels * height * width}), P >= 2", f"{values.shape}",
                         "flatten them, one image a row")
    if values.dtype.kind != "f" or not ((values >= 0) & (values <= 1)).all():
        raise InputError(f"{name} with floating-point values from 0 to 1",
                         f"{values.dtype} from {values.min()} to {values.max()}",
                         "scale the images, and clip what a decoder makes")
    return np.rint(values * 255).astype(np.uint8).reshape(-1, channels, height, width)


def _checked_weights(weights: str | os.PathLike[str] | None, check: bool) -> Path:
    if weights is None or not Path(weights).is_file():
        raise InputError("a file with the weights of the Inception network", f"{weights}", _SOURCE)
    path = Path(weights)
    if check:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if not digest.startswith(_DIGEST):
            raise InputError(f"a SHA-256 that starts with {_DIGEST}", f"{digest} for {path}",
                             f"{_SOURCE}, or pass check=False for other weights")
    try:
        # torch-fidelity reads the file as a pickle, which can run any code: what this refuses never gets there.
        torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch gives no closed list of what a damaged file raises.
        raise InputError("a file of tensors and nothing else", f"{path} ({type(error).__name__})", _SOURCE) from error
    return path


def _metric(features: int, weights: Path) -> Any:
    """Return torchmetrics' metric: ``update(images of uint8, real=...)`` and ``compute()``."""
    try:
        import_module("torch_fidelity")
        fid = import_module("torchmetrics.image.fid")
    except ImportError as error:
        raise InputError("torchmetrics and torch-fidelity to be installed", str(error),
                         "run `pip install torchmetrics torch-fidelity`") from error
    try:
        return fid.FrechetInceptionDistance(feature=features, feature_extractor_weights_path=str(weights))
    except (RuntimeError, TypeError, AttributeError) as error:
        raise InputError("weights of torch-fidelity's Inception network", f"{weights} ({str(error)[:80]})",
                         _SOURCE) from error
