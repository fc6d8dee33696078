"""``waxline cache``: whether the caches work, what they hold, and how to empty them."""
