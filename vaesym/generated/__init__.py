"""Generated source of the shipped model, one module a backend. Written by a command, never by hand."""
