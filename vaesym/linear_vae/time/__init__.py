"""Training in time: one pass of descent over fresh data, and gradient flow on a whole data set."""
