"""What encoders and decoders return: pairs, distributions, dictionaries, one array; and what they want to be given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from vaesym import inputs
from vaesym.inputs import InputError, as_numpy

Array = NDArray[Any]

#: Names under which encoders return the mean and the log-variance, and decoders the reconstruction.
MEANS = ("mu", "mean", "loc", "embedding", "z_mean", "z_mu", "qz_m")
LOG_VARIANCES = ("logvar", "log_var", "log_variance", "log_covariance", "z_log_var", "logsigma2")
RECONSTRUCTIONS = ("reconstruction", "recon_x", "x_hat", "xhat", "recon", "output", "mean")
_WANTED = ("return (mean, log-variance), each (batch, latents), a torch distribution, a dictionary with mu and logvar, "
           "or one array of both side by side")


def posterior(output: Any, samples: int) -> tuple[Array, Array]:
    """Return mean and log-variance (samples × M) of what an encoder returned.

    Parameters
    ----------
    output : (mean, log-variance), of which more may follow, such as z; a distribution with ``mean`` and ``stddev``,
        alone or first; a mapping with both by a usual name, such as mu and logvar; or one array (samples × 2M), mean
        first. The log-variance may be of any shape that broadcasts to that of the mean, such as (M,)
    samples : in the batch

    Raises
    ------
    vaesym.InputError
        Anything else, and NaN or infinity.

    Examples
    --------
    >>> mean, log = posterior((np.zeros((4, 2)), np.zeros(2), np.ones((4, 2))), 4)
    >>> mean.shape == log.shape == (4, 2)
    True
    >>> posterior(np.arange(8.0).reshape(2, 4), 2)[1].tolist()
    [[2.0, 3.0], [6.0, 7.0]]
    """
    mean, log = _pair(output)
    mean, log = as_numpy(mean), as_numpy(log)
    shapes = f"shapes {mean.shape} and {log.shape}"
    if mean.ndim != 2 or len(mean) != samples or mean.dtype.kind not in "iuf" or log.dtype.kind not in "iuf":
        raise InputError(f"means and log-variances ({samples}, M) of the encoder", shapes, _WANTED)
    _check_finite("means and log-variances of the encoder", mean, log)
    try:
        return mean, np.broadcast_to(log, mean.shape)
    except ValueError as error:
        raise InputError(f"means and log-variances ({samples}, M) of the encoder", shapes, _WANTED) from error


def _check_finite(what: str, *arrays: Array) -> None:
    """Refuse what a training that diverged has left."""
    bad = sum(int(np.size(array) - np.isfinite(array).sum()) for array in arrays)
    if bad:
        raise InputError(f"finite {what}", f"{bad} values NaN or infinite", "restart its training from a checkpoint "
                         "with a lower learning rate, or check that it gets the data that it was trained on")


def _pair(output: Any) -> tuple[Any, Any]:
    if _is_distribution(output):
        return output.mean, 2 * np.log(as_numpy(output.stddev))
    if isinstance(output, Mapping):
        named = cast("Mapping[str, Any]", output)
        mean, log = (next((named[name] for name in names if name in named), None) for names in (MEANS, LOG_VARIANCES))
        if mean is None or log is None:
            raise InputError("mean and log-variance in the dictionary of the encoder",
                             f"the keys {', '.join(map(str, named)) or 'none'}", "name them mu and logvar")
        return mean, log
    if isinstance(output, (tuple, list)):
        parts = cast("list[Any]", output)
        if len(parts) and _is_distribution(parts[0]):
            return _pair(parts[0])
        if len(parts) >= 2:
            return parts[0], parts[1]
        raise InputError("mean and log-variance of the encoder", f"{len(parts)} of them in a {type(output).__name__}",
                         _WANTED)
    whole = as_numpy(output)
    if whole.ndim != 2 or whole.shape[1] % 2 or whole.dtype.kind not in "iuf":
        raise InputError("mean and log-variance of the encoder", f"one {type(output).__name__} of shape {whole.shape}",
                         _WANTED)
    return np.split(whole, 2, axis=1)[0], np.split(whole, 2, axis=1)[1]


def _is_distribution(output: Any) -> bool:
    return hasattr(output, "rsample") and hasattr(output, "stddev")


def reconstruction(output: Any, samples: int, features: int) -> Array:
    """Return the mean of p(x|z) (samples × features) of what a decoder returned; images are flattened.

    Raises
    ------
    vaesym.InputError
        Other numbers of samples or features, and NaN or infinity.

    Examples
    --------
    >>> reconstruction((np.zeros((2, 1, 2, 3)), None), 2, 6).shape
    (2, 6)
    """
    if isinstance(output, Mapping):
        named = cast("Mapping[str, Any]", output)
        output = next((named[name] for name in RECONSTRUCTIONS if name in named), None)
        if output is None:
            raise InputError("a reconstruction in the dictionary of the decoder",
                             f"the keys {', '.join(map(str, named)) or 'none'}", "name it reconstruction")
    elif isinstance(output, (tuple, list)) and len(cast(Any, output)):
        output = cast(Any, output)[0]
    given: Any = output
    values = as_numpy(given.mean if _is_distribution(given) else given)
    if values.ndim < 2 or len(values) != samples or values.size != samples * features:
        raise InputError(f"reconstructions (B, {features}) of the decoder, one row for each z",
                         f"shape {values.shape} for {samples} z", "return the mean of p(x|z) for each z")
    _check_finite("reconstructions of the decoder", values)
    return values.reshape(samples, features)


def image_shape(shape: Any, features: int) -> tuple[int, ...] | None:
    """Return the shape of one sample that a network wants, checked; None for flat samples.

    Raises
    ------
    vaesym.InputError
        A shape that does not hold the features.

    Examples
    --------
    >>> image_shape((1, 28, 28), 784)
    (1, 28, 28)
    """
    if shape is None:
        return None
    sizes = tuple(inputs.count("each size of shape", size) for size in (shape if isinstance(shape, (tuple, list)) else
                                                                         (shape,)))
    if int(np.prod(sizes)) != features:
        raise InputError(f"a shape of {features} numbers, those of one sample", "x".join(map(str, sizes)),
                         "give channels x height x width")
    return sizes


def guarded(function: Callable[[Array], Any], name: str, given: tuple[int, ...] | None) -> Callable[[Array], Any]:
    """Return the encoder or decoder with its failures explained: what it was given, and how to give something else.

    >>> guarded(lambda x: x[:, 0, 0], "encode", None)(np.zeros((2, 4)))
    Traceback (most recent call last):
    ...
    vaesym.inputs.InputError: expected encode(x) of the model to take a batch of shape (2, 4); received IndexError: \
too many indices for array: array is 2-dimensional, but 3 were indexed; wrap it, or give shape=(channels, height, \
width) (--shape 1x28x28) if it wants images
    """
    def run(values: Array) -> Any:
        batch = values if given is None else values.reshape(len(values), *given)
        try:
            return function(batch)
        except InputError:
            raise
        except Exception as error:  # The user's own code can fail in any way.
            text = " ".join(str(error).split())
            raise InputError(f"{name}({'x' if name == 'encode' else 'z'}) of the model to take a batch of shape "
                             f"{batch.shape}", f"{type(error).__name__}: {text[:160]}",
                             "wrap it, or give shape=(channels, height, width) (--shape 1x28x28) if it wants images"
                             if name == "encode" else "wrap it in an object whose decode(z) does") from error

    return run
