"""Parameters of a point, checked for the backend that will compute them."""

from __future__ import annotations

from typing import Any

import numpy as np

from vaesym.inputs import InputError, broadcast
from vaesym.linear_vae.point import formulas


def checked(backend: str, given: dict[str, Any], *, unlimited: bool = True) -> list[Any]:
    """Return the parameters as arrays, tensors or arrays of mpmath numbers; only α may be infinite, if ``unlimited``.

    Shapes need not be equal but broadcast; nothing is copied that has the right type.

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, NaN, not real, tensors of different devices or of a type without 32 bits, or
        shapes that do not broadcast.
    """
    if backend == "torch":
        return _tensors(given, unlimited)
    plain = {name: _to_float(name, value) if backend == "mpmath" else value for name, value in given.items()}
    arrays = {name: formulas.check(name, value, unlimited and name == "alpha") for name, value in plain.items()}
    broadcast(**arrays)
    return [_precise(value) for value in given.values()] if backend == "mpmath" else list(arrays.values())


def _to_float(name: str, value: Any) -> Any:
    """Return numbers of any kind as float64, to be checked; they are not computed with."""
    try:
        numbers = np.asarray(value, dtype=object)
        if any(isinstance(number, (str, bytes, bool, np.bool_, np.datetime64)) for number in numbers.flat):
            raise TypeError("text, truth values and dates are no numbers")
        return np.array([float(number) for number in numbers.flat]).reshape(numbers.shape)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{name} as real numbers", f"{repr(value)[:60]} ({error})",
                         "pass int, float or mpmath values") from error


def _precise(value: Any) -> Any:
    import mpmath

    return np.vectorize(mpmath.mpmathify, otypes=[object])(np.asarray(value, dtype=object))


def _tensors(given: dict[str, Any], unlimited: bool) -> list[Any]:
    import torch

    own = {name: value for name, value in given.items() if isinstance(value, torch.Tensor)}
    devices = {str(t.device) for t in own.values() if t.ndim} or {str(t.device) for t in own.values()} or {"cpu"}
    if len(devices) > 1:
        raise InputError("tensors on one device", ", ".join(f"{n} on {t.device}" for n, t in own.items()),
                         "move them with .to(device)")
    kinds = {name: t.dtype for name, t in own.items() if t.is_floating_point() or t.is_complex()}
    wrong = {name: kind for name, kind in kinds.items() if kind not in (torch.float32, torch.float64)}
    wrong |= {name: value.dtype for name, value in own.items() if value.dtype == torch.bool}
    if wrong:
        name, kind = next(iter(wrong.items()))
        raise InputError("tensors of float32, float64 or whole numbers", f"{name} of {kind}", f"convert {name}")
    plain_values = {name: np.array(formulas.check(name, value, unlimited and name == "alpha"))
                    for name, value in given.items() if name not in own}
    lists = any(array.ndim for array in plain_values.values())
    dtype = torch.float32 if kinds and set(kinds.values()) == {torch.float32} and not lists else torch.float64
    device = next(iter(devices))
    tensors: dict[str, Any] = {}
    for name, value in given.items():
        plain = value if name in own else torch.from_numpy(plain_values[name])
        tensors[name] = plain.to(dtype=dtype, device=device)
        _check_tensor(name, tensors[name], unlimited and name == "alpha")
    try:
        torch.broadcast_shapes(*[tensor.shape for tensor in tensors.values()])
    except RuntimeError as error:
        shapes = ", ".join(f"{name} {tuple(tensor.shape)}" for name, tensor in tensors.items())
        raise InputError("arguments whose shapes broadcast", shapes,
                         "reshape them, e.g. alpha[:, None] against beta[None, :]") from error
    return list(tensors.values())


def _check_tensor(name: str, tensor: Any, unlimited: bool) -> None:
    """Refuse what lies outside the domain; one transfer from the device a parameter, however many its values."""
    if not tensor.numel():
        return
    low, high = (float(bound) for bound in tensor.detach().aminmax())
    if not low <= high:  # either is NaN
        low = high = np.nan
    formulas.check(name, np.array([low, high]), unlimited)
