"""Fakes that keep the Protocols' promises, for tests that run without servers."""
