"""The settings of waxline, and its servers' configuration files."""
