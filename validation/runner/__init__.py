"""Long work: experiments in blocks that survive interruption, on one machine or on many. Knows no physics."""

from validation.runner.epochs import CheckpointInterval, log_spaced_epochs
from validation.runner.experiment import Block, Experiment, Task, Training
from validation.runner.run import read_results, run_experiment

__all__ = ["Block", "CheckpointInterval", "Experiment", "Task", "Training", "log_spaced_epochs", "read_results",
           "run_experiment"]
