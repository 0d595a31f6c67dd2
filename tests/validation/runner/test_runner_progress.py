"""What the user sees of long work: a bar on a terminal, lines elsewhere, and the time left."""

import io
import re

import numpy as np
import pytest
from rich.console import Console
from runner_fakes import chaos_experiment, recorded, run_quietly

from validation.runner import CheckpointInterval
from validation.runner.progress import Display
from validation.runner.work import Event, Pace


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_lines_say_share_blocks_and_time_left(clock):
    with recorded() as (console, text), Display(console, chaos_experiment(), set(), clock) as display:
        display(Event("width-1", 0, 10, started=True))
        clock.now = 29.0
        display(Event("width-1", 5, 10))
        assert text() == "chaos: 2 blocks, 5 runs"
        clock.now = 30.0
        display(Event("width-1", 10, 10))     # 2 of 5 runs after 30 s: 45 s for the other 3
        assert text().endswith("chaos: 40%, 0 of 2 blocks, 0:00:45 left")
        display.finished("width-1")
        display(Event("width-1", 5, 10))      # late news
        clock.now = 90.0
        display(Event("width-2", 10, 10))
        assert text().endswith("chaos: 100%, 1 of 2 blocks, 0:00:00 left")


def test_time_left_counts_the_work_of_this_session_only(clock):
    with recorded() as (console, text), Display(console, chaos_experiment(), {"width-1"}, clock) as display:
        display(Event("width-2", 8, 10, started=True))
        assert "continuing: 1 of 2 blocks finished before" in text()
        assert "block width-2: continues from epoch 8 of 10" in text()
        clock.now = 60.0
        display(Event("width-2", 9, 10))      # 0.3 runs a minute, 0.3 left
        assert text().endswith("chaos: 94%, 1 of 2 blocks, 0:01:00 left")


def test_lost_worker_and_warnings_are_told(clock):
    with recorded() as (console, text), Display(console, chaos_experiment(), set(), clock) as display:
        display(Event("width-1", 0, 10, started=True))
        display(Event("width-1", 7, 10))
        display(Event("width-1", 6, 10, started=True))
        display(Event("width-2", text="the checkpoint is [bold]damaged"))
        assert "block width-1: its worker was lost; it runs again from epoch 6" in text()
        assert "block width-2: the checkpoint is [bold]damaged" in text()


@pytest.mark.parametrize("terminal", [False, True])
def test_eighty_columns_hold_a_long_name(tmp_path, terminal):
    stream = io.StringIO()
    console = Console(file=stream, width=80, force_terminal=terminal, color_system=None, legacy_windows=False)
    run_quietly(chaos_experiment(name="a [name] that nobody would want to read in each line of a log file"), tmp_path,
                console=console)
    frames = re.split(r"[\r\n]+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "\n", stream.getvalue()))
    shown = [frame for frame in frames if "of 2 blocks" in frame]
    assert shown
    assert all(len(line) <= 80 and "left" in line and line.startswith("a [name] that nobody wo…") for line in shown)
    assert ("━" in stream.getvalue()) is terminal


@pytest.mark.parametrize("seconds", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("per_epoch", [1e-4, 0.02, 3.0])
def test_checkpoints_are_an_interval_apart(clock, seconds, per_epoch):
    """Two are never further apart than the interval, a slice and an epoch; nor closer than the interval or an epoch."""
    pace, epoch, saved = Pace(CheckpointInterval(seconds=seconds), 0, 10**9, clock), 0, [0.0]
    while clock.now < 40 * max(seconds, per_epoch):
        stop = pace.next_stop(epoch)
        clock.now, epoch = clock.now + (stop - epoch) * per_epoch, stop
        if pace.checkpoint_due(epoch):
            saved.append(clock.now)
            pace.saved()
    apart = np.diff(saved)
    assert apart.max() <= seconds + min(0.5, seconds) + per_epoch + 1e-9
    assert apart.min() >= max(seconds, per_epoch) - 1e-9


def test_slices_are_about_half_a_second(clock):
    pace, epoch, slices = Pace(CheckpointInterval(), 0, 10**9, clock), 0, []
    for per_epoch in [1e-3] * 100 + [0.1] * 100:
        stop = pace.next_stop(epoch)
        slices.append((stop - epoch) * per_epoch)
        clock.now, epoch = clock.now + slices[-1], stop
        pace.checkpoint_due(epoch)
    assert slices[0] == 1e-3
    assert 0.25 <= min(slices[20:100]) <= max(slices[20:100]) <= 0.5
    assert 0.2 <= min(slices[150:]) <= max(slices[150:]) <= 0.5
