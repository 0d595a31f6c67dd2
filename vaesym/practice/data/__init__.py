"""From any file or array to a spectrum."""
