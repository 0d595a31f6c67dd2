"""The laboratory: trainings of real models on drawn data, many at a time."""
