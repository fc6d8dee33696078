"""What takes too long for every day: each entity by itself, scaling, size and profiles."""
