"""Chapters: the exact minimum, collapse, and the phases."""
