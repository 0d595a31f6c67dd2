"""Problems without labels: several students, a loss that is quadratic in their fields, a penalty on their rows."""
