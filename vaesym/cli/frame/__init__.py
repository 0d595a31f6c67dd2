"""What the commands share: options, grids as text, tables, delivery of results."""
