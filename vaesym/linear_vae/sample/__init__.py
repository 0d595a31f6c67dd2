"""What a finite sample shows of the signal: outlier, overlap and their fluctuations."""
