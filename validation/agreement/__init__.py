"""Agreement of theory and simulation, claim by claim, with statistics. Knows the laboratory and the runner."""
