"""Fuzzing, by ``make fuzz``: what a target's `check` says of any bytes must hold.

Only ``__main__`` needs atheris; the findings are kept and tested without it.
"""
