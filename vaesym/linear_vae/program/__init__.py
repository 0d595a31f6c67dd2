"""The exact solution as programs without cancellation, and the command that writes the generated code."""
