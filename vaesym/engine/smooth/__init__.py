"""Problems with one smooth loss, compiled: averages by the trapezoidal rule, one point at a time."""
