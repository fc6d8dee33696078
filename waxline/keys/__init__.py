"""`keys`: those that `serve` answers to."""
