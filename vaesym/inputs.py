"""Checks at the boundary: what was expected, what came, what to do."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Up to here float64 holds all whole numbers.
_WHOLE = 2**53


class InputError(ValueError):
    """Bad input, with a message of three parts: expected, received, what to do."""

    def __init__(self, expected: str, received: str, remedy: str) -> None:
        super().__init__(f"expected {expected}; received {received}; {remedy}")
        self._parts = (expected, received, remedy)

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, str]]:
        # Exceptions are pickled by their message alone, and three parts cannot be made of it: without this an error
        # could not come back from a worker process.
        return type(self), self._parts


def require(package: str, use: str, extra: str) -> None:
    """Raise :class:`InputError` where a package that an extra brings is not installed; ``use`` says what needs it.

    >>> require("numpy", "arrays", "fast")
    """
    if importlib.util.find_spec(package) is None:
        raise InputError(f"the package {package} for {use}", "an installation without it",
                         f"pip install 'vaesym[{extra}]'")


def real_array(name: str, value: Any, *, unlimited: bool = False) -> Floats:
    """Return ``value`` as a float64 array, or raise :class:`InputError` naming the argument.

    NaN and infinity are errors, as are strings, objects and complex numbers; with ``unlimited``, +inf is a value.

    >>> real_array("alpha", [1, 2])
    array([1., 2.])
    """
    check_unmasked(value, name)
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        received = "a ragged sequence" if isinstance(error, ValueError) else f"what NumPy cannot read ({error})"
        raise InputError(f"{name} as a number or a regular array", received, "give rows of equal length") from error
    if array.dtype.kind not in "iufb" or array.dtype.kind == "b":
        raise InputError(f"{name} as real numbers", f"{value!r} of type {array.dtype}",
                         "pass int or float values")
    array = array.astype(np.float64)
    good = np.isfinite(array) | (array == np.inf) if unlimited else np.isfinite(array)
    if not good.all():
        bad = array[~good].flat[0]
        kind, remedy = (", or inf", "NaN and -inf") if unlimited else ("", "NaN and infinite values")
        raise InputError(f"finite {name}{kind}", f"{bad}", f"remove {remedy} from {name}")
    return array


def check_unmasked(value: Any, name: str = "values") -> None:
    """Raise :class:`InputError` for an array, or a list of arrays, with masked entries: NumPy would use what they hide.

    >>> check_unmasked(np.ma.array([1.0, 2.0], mask=[True, False]))
    Traceback (most recent call last):
    ...
    vaesym.inputs.InputError: expected values without gaps; received an array with 1 masked entry; fill the gaps, or \
leave those samples out
    """
    parts: Any = value if isinstance(value, (list, tuple)) else [value]
    gaps = sum(int(np.ma.count_masked(part)) for part in parts if isinstance(part, np.ma.MaskedArray))
    if gaps:
        raise InputError(f"{name} without gaps", f"an array with {gaps} masked {'entry' if gaps == 1 else 'entries'}",
                         "fill the gaps, or leave those samples out")


def positive(name: str, value: Any, *, unlimited: bool = False) -> Floats:
    """Return ``value`` as a float64 array, all of whose entries must be > 0 (``unlimited``: inf is a value)."""
    array = real_array(name, value, unlimited=unlimited)
    if (array <= 0).any():
        raise InputError(f"{name} > 0", f"{array.min()}", f"choose a positive {name}")
    return array


def positive_number(name: str, value: Any) -> float:
    """Return ``value`` as one number > 0.

    >>> positive_number("beta", [1.0, 2.0])
    Traceback (most recent call last):
    ...
    vaesym.inputs.InputError: expected beta as one number; received an array of shape (2,); pass one at a time
    """
    array = positive(name, value)
    if array.ndim:
        raise InputError(f"{name} as one number", f"an array of shape {array.shape}", "pass one at a time")
    return float(array)


def non_negative(name: str, value: Any) -> Floats:
    """Return ``value`` as a float64 array, all of whose entries must be ≥ 0."""
    array = real_array(name, value)
    if (array < 0).any():
        raise InputError(f"{name} >= 0", f"{array.min()}", f"choose {name} = 0 or larger")
    return array


def count(name: str, value: Any) -> int:
    """Return ``value`` as an int ≥ 1."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise InputError(f"{name} as a whole number", f"{value!r}", f"pass {name}=1 or larger")
    if value < 1:
        raise InputError(f"{name} >= 1", f"{value}", f"pass {name}=1 or larger")
    return int(value)


def whole_seed(value: Any) -> int:
    """Return the seed of random numbers as an int ≥ 0."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)) or value < 0:
        raise InputError("seed as a whole number >= 0", f"{value!r}", "pass e.g. seed=0")
    return int(value)


def as_numpy(value: Any) -> NDArray[Any]:
    """Return an array of an array, or of a tensor on any device, with or without a gradient, or of a list of them.

    Tensors are known by their method ``detach``: torch itself is not needed. Raises :class:`InputError` for masked
    entries and for sparse tensors.

    >>> as_numpy([1.0, 2.0])
    array([1., 2.])
    """
    parts: list[Any] = list(value) if type(value) in (list, tuple) else []
    if parts and all(hasattr(part, "detach") for part in parts):
        return np.asarray([as_numpy(part) for part in parts])
    if not hasattr(value, "detach"):
        check_unmasked(value)
        return np.asarray(value)
    value = value.detach().cpu()
    if "strided" not in (layout := str(getattr(value, "layout", "strided"))):
        raise InputError("a dense tensor", f"one of layout {layout}", "convert it with to_dense()")
    # NumPy has no bfloat16; all other types go as they are.
    return value.float().numpy() if "bfloat16" in str(value.dtype) else value.numpy()


def check_whole(array: NDArray[Any]) -> None:
    """Raise :class:`InputError` for whole numbers that float64 cannot hold, such as times in nanoseconds.

    >>> check_whole(np.array([2**53, -1]))
    """
    if array.dtype.kind not in "iu" or array.dtype.itemsize < 8 or not array.size:
        return
    least, most = int(array.min()), int(array.max())
    if most > _WHOLE or least < -_WHOLE:
        raise InputError("whole numbers up to 2^53, which float64 can hold", f"{most if most > _WHOLE else least}",
                         "subtract an offset, or choose a larger unit (of times, say)")


def flag(name: str, value: Any) -> bool:
    """Return ``value`` as a bool, which it must be.

    >>> flag("center", True)
    True
    """
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(f"{name} as True or False", f"{value!r}", "pass a bool")
    return bool(value)


def broadcast(**arrays: Floats) -> list[Floats]:
    """Broadcast the named arrays together, naming their shapes when they do not fit.

    >>> [a.shape for a in broadcast(alpha=np.ones(3), beta=np.ones((2, 1)))]
    [(2, 3), (2, 3)]
    """
    try:
        return list(np.broadcast_arrays(*arrays.values()))
    except ValueError as error:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise InputError("arguments whose shapes broadcast", shapes,
                         "reshape them, e.g. alpha[:, None] against beta[None, :]") from error


def named_object(name: str, what: str, advice: str) -> Any:
    """Return the object that MODULE:NAME or FILE.py:NAME names; this runs that module's code.

    Modules in the working folder are found too. ``what`` it is to be, and the ``advice``, are said in the errors.

    Raises
    ------
    vaesym.InputError
        A name of another form, or a module that cannot be imported or does not have it.

    Examples
    --------
    >>> named_object("math:pi", "a number", "name one")
    3.141592653589793
    """
    module, _, attribute = name.rpartition(":")
    if not module or not attribute:
        raise InputError(f"{what} as MODULE:NAME", repr(name), advice)
    try:
        found = _module(module)
    except Exception as error:  # The user's own code can fail in any way.
        raise InputError("a module that can be imported", f"{module!r} ({type(error).__name__}: {error})",
                         advice) from error
    if not hasattr(found, attribute):
        raise InputError(f"{attribute!r} in {module}", "a module without it", advice)
    return getattr(found, attribute)


def _module(name: str) -> Any:
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    if not name.endswith(".py"):
        return importlib.import_module(name)
    path = Path(name)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(f"no file {name}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
