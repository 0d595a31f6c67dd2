"""What every study shares: runs through the runner, statistics, verdicts, reports. Knows simulate and the runner."""
