"""A parse pool without processes."""

from extractor.parsing.groups import Group, Parsed, parse


class ParseHere:
    """Implements `extractor.parsing.pool.ParsePool`: parses at once, in Python."""

    walker = "python"

    async def parse(self, group: Group) -> Parsed:
        """Parse one group."""
        return parse(group)
