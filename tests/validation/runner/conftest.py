"""What an experiment that nothing happens to leaves behind."""

import pytest
from runner_fakes import chaos_experiment, contents, run_quietly


@pytest.fixture(scope="session")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference") / "store"
    run_quietly(chaos_experiment(), folder)
    return contents(folder)
