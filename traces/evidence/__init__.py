"""From measurements to evidence, and from evidence to verdicts."""
