"""Real images: data, trained networks, and how far the theory of the linear model carries over to them."""
