-- How far the catalogue is, for those who may read discogs alone: a view has its owner's rights.

CREATE VIEW discogs.state AS
SELECT run.entity, run.dump, run.run, run.state, run.sequence, sink.identity
FROM waxline.run CROSS JOIN waxline.sink;
COMMENT ON VIEW discogs.state IS
    'How far each entity is: what a reading of the same snapshot has seen.';
COMMENT ON COLUMN discogs.state.entity IS 'artist, label, master or release';
COMMENT ON COLUMN discogs.state.dump IS 'date of the dump that is loaded, or being loaded';
COMMENT ON COLUMN discogs.state.run IS 'the current run';
COMMENT ON COLUMN discogs.state.state IS 'loading, unequal, blocked or complete';
COMMENT ON COLUMN discogs.state.sequence IS 'number of the last row of discogs.change; 0: none yet';
COMMENT ON COLUMN discogs.state.identity IS 'random, made with the schema: tells this database from one recreated';
