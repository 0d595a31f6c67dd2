"""Data as libraries hold and store them: a reader each."""
