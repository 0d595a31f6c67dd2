"""Where a latent collapses, which β is best, and the phase diagram."""
