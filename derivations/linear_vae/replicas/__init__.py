"""Chapters: the model, its free energy by replicas, and the saddle point."""
