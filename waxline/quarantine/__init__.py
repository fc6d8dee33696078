"""``waxline quarantine`` and ``waxline runs``: what was left out, and what has been."""
