"""The other side of a theory: runs on data drawn by the laws of the problem, and the scores between the two."""
