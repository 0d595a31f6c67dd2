"""The replica-symmetric free energy of the linear β-VAE and its stationarity equations."""
