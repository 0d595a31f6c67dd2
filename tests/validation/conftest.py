"""What all tests of the validation share."""

import signal

import pytest


@pytest.fixture(autouse=True)
def _interrupts_are_heard():
    """Let Ctrl-C interrupt, also where the shell that started the tests has it ignored, as nohup has."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
