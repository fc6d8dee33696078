"""The servers that `waxline run` starts by itself when no URL is configured."""

from waxline.servers.embedded import EmbeddedServers, Urls

__all__ = ["EmbeddedServers", "Urls"]
