"""Problems solved by torch on a device: arrays that NumPy hands to torch, and batches of points made of them."""
