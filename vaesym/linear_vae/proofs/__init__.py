"""Phases, states and thresholds proved in ball arithmetic."""
