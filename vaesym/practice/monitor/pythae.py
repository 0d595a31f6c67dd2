"""The monitor as a callback of pythae's trainers; pythae and torch are needed only where it is made.

    from vaesym.practice.monitor.pythae import MonitorCallback

    monitor = vaesym.Monitor(data, beta=config.beta, n_latents=config.latent_dim)
    pipeline(train_data=data, callbacks=[MonitorCallback(monitor)])

pythae's VAE and BetaVAE minimise ½·(sum of squared errors) + β·(sum of the KL), averaged over the batch: the default
loss of the monitor, if their ``reconstruction_loss`` is "mse"; β is 1 for VAE.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from vaesym.inputs import InputError
from vaesym.practice.monitor.alerts import Alert
from vaesym.practice.monitor.monitor import Monitor

if TYPE_CHECKING:
    MonitorCallback: Any

_LOGGER = logging.getLogger(__name__)


class Tap:
    """A forward hook that hands on what an encoder in training gives: ``embedding`` and ``log_covariance``.

    pythae copies and saves its model during training. A copy of the tap hands on nothing, so that neither a copied
    model feeds the monitor nor a saved one holds it.

    Parameters: ``receive(mu, logvar)``, or None.

    >>> import copy
    >>> copy.deepcopy(Tap(print)).receive is None
    True
    """

    def __init__(self, receive: Callable[[Any, Any], object] | None = None) -> None:
        self.receive = receive

    def __reduce__(self) -> tuple[type[Tap], tuple[()]]:
        return Tap, ()

    def __call__(self, encoder: Any, arguments: Any, output: Any) -> None:
        """Hand on the output of an encoder that is in training mode."""
        if self.receive is not None and encoder.training:
            self.receive(output.embedding, output.log_covariance)


class Watch:
    """What the callback does: it taps the encoder, feeds the monitor once a step, and tells of alerts.

    Parameters: ``monitor``; ``tell``, called with each new alert, by default a warning of the logger
    ``vaesym.practice.monitor.pythae``. The class :class:`MonitorCallback` adds pythae's base class.

    Raises :class:`vaesym.InputError` at the first event of the training if the model has no encoder.

    >>> Watch(Monitor([2.0, 1.0], beta=1.5, n_latents=2)).monitor.n_latents
    2
    """

    def __init__(self, monitor: Monitor, tell: Callable[[Alert], object] | None = None) -> None:
        self.monitor = monitor
        self._tell = tell or (lambda alert: _LOGGER.warning("%s", alert))
        self._output: tuple[Any, Any] | None = None
        self._handle: Any = None

    def on_train_begin(self, training_config: Any, **kwargs: Any) -> None:
        """Tap the encoder of ``model``."""
        model: Any = kwargs.get("model")
        # Distributed training wraps the model.
        model = getattr(model, "module", model)
        if not hasattr(model, "encoder"):
            raise InputError("a model with an encoder, as pythae's VAE and BetaVAE", type(model).__name__,
                             "leave the callback out for this model")
        self._remove()
        self._handle = model.encoder.register_forward_hook(Tap(self._receive))

    def on_train_step_end(self, training_config: Any, **kwargs: Any) -> None:
        """Feed the monitor with the output of the step that has ended."""
        if self._output is None:
            return
        (mu, logvar), self._output = self._output, None
        for alert in self.monitor.update(mu, logvar):
            self._tell(alert)

    def on_train_end(self, training_config: Any, **kwargs: Any) -> None:
        """Remove the tap."""
        self._remove()

    def _receive(self, mu: Any, logvar: Any) -> None:
        self._output = mu.detach(), logvar.detach()

    def _remove(self) -> None:
        if self._handle is not None:
            self._handle.remove()
        self._handle, self._output = None, None


def __getattr__(name: str) -> Any:
    # Made when asked for: the module can be imported and documented without pythae.
    if name != "MonitorCallback":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        base = import_module("pythae.trainers.training_callbacks").TrainingCallback
    except ImportError as error:
        raise InputError("pythae to be installed", f"{error}", "install it with `pip install pythae`") from error
    made = type(name, (Watch, base), {"__module__": __name__, "__doc__": Watch.__doc__})
    globals()[name] = made
    return made
