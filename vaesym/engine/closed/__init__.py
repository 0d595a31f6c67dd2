"""Problems made of parabolas and lines, compiled: their averages are closed, one point at a time."""
