"""Sets of images: their files, what is read of them, and what networks see."""
