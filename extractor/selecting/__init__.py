"""Which records the sinks may not have: ids, fingerprints, what the dump holds."""
