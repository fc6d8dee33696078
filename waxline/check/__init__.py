"""``waxline audit``, ``verify`` and ``repair``: whether all is right, and how it gets so again."""
