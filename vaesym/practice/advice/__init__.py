"""From a spectrum and a loss to advice."""
