"""The servers that `waxline run` starts by itself when no URL is configured."""

from waxline.servers.embedded import EmbeddedServers, Urls, password_file, psql_program

__all__ = ["EmbeddedServers", "Urls", "password_file", "psql_program"]
