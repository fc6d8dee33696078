"""The whole of waxline in one process and in no time: what "The truth" promises, and why.

The real extractor and loaders run on one event loop with a clock of its own (`clockwork`);
broker, store and sinks are in memory.  Processes die, freeze and fail at any call they make
(`processes`), messages and fingerprints get lost (`servers`), and at every commit of a sink it
is checked that nothing happened that must not (`properties`).
"""
