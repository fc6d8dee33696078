"""``waxline run``: extractor and loaders as child processes, watched until every sink is done."""
