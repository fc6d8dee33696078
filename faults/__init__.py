"""Faults on purpose: real servers and programs, broken at seeded moments; ``make faults``."""
