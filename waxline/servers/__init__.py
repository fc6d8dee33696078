"""The servers that `waxline run` starts by itself when no URL is configured."""
