"""One report of the smallest preset, made once."""

import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from validation.__main__ import app
from validation.agreement.gathering import gather
from validation.agreement.presets import preset
from validation.agreement.studies import Workshop


@pytest.fixture(scope="session")
def tiny_report(tmp_path_factory):
    """The exit code, folder and record of ``agreement --preset tiny``."""
    folder = tmp_path_factory.mktemp("agreement")
    result = CliRunner().invoke(app, ["agreement", "--preset", "tiny", "--output", str(folder), "--device", "cpu"])
    assert result.exit_code in {0, 1}, result.output
    return result.exit_code, folder, json.loads(Path(folder, "agreement.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def tiny(tiny_report):
    """Its measurements, from its store."""
    workshop = Workshop(tiny_report[1] / "store" / "tiny-0-cpu", device="cpu", console=Console(quiet=True))
    return gather(preset("tiny"), 0, workshop)
