"""The exact global minimum for any data, and what follows from it: collapse and its limits."""
