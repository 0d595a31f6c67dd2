"""Problems with any labels: one or two students, several planted directions, biases."""
