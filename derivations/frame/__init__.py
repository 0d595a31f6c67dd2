"""What any book needs: chapters, claims, and their LaTeX."""
