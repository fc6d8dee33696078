"""Loads Discogs dumps into PostgreSQL and a graph: the command line."""
