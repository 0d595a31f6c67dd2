"""The physics in SymPy: symbols, data, loss, free energy, stationarity, collapse, exact solution, limits."""
