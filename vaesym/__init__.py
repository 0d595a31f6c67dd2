"""The exact theory of variational autoencoders as software you can compute with."""
