"""Chapters: large data, rate and distortion, the best β, and what lies beyond."""
