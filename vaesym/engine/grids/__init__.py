"""Points of a grid in blocks: labelled, kept in a store, and shared among processes."""
