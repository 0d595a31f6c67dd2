"""Simulation of linear VAEs: data that are drawn, and trainings of many runs at a time. Knows no study."""
