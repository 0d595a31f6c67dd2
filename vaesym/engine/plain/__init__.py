"""Equations of one student whose samples have labels ±1 or a loss of y − u."""
