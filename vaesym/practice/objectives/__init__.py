"""Other objectives and models than the plain β-VAE: a KL that is aimed at, free bits, scaled noise, conditions."""
