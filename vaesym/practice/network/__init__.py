"""What networks take and return, in the forms in which people write them."""
