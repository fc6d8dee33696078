"""What is fast, beside what: every figure with its floor, measured in the same run."""
