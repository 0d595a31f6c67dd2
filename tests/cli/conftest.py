"""What a refusal looks like, whatever the command."""

from collections.abc import Callable

import pytest

from vaesym.cli import main


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return the message of a command that must fail: three parts on one line of standard error, no output."""
    def message(*arguments: str) -> str:
        assert main(arguments) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("Error: expected ")
        assert "; received " in captured.err
        assert captured.err.count("; ") >= 2
        assert captured.err.count("\n") == 1
        return captured.err

    return message
