"""Who may ask, and how much: keys, what an answer costs, limits by the minute."""
