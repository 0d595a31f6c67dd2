"""What the linear β-VAE is: its symbols, its data, its loss, and what a user observes."""
