"""Discogs' own API, for the clients that it has: shapes, lists, search, and how they start."""
