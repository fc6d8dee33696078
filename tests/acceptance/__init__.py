"""Whole loads, as users run them: processes, real servers, and the oracle's verdict."""
