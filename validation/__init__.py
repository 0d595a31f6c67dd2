"""The laboratory: theory against theory, against brute force, and against training."""
