"""Long work: experiments in blocks that survive interruption, on one machine or on many. Knows no physics."""

from validation.runner.experiment import Block, Experiment, Task, Training
from validation.runner.run import read_results, run_experiment
from validation.runner.work import CheckpointInterval

__all__ = ["Block", "CheckpointInterval", "Experiment", "Task", "Training", "read_results", "run_experiment"]
