-- What a database has not that was made before changes were told: nobody has been told anything of
-- what it holds.

ALTER TABLE waxline.run ADD COLUMN sequence bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN waxline.run.sequence IS 'number of the last row of discogs.change, over all runs; 0: none yet';
UPDATE waxline.run SET sequence = 1 WHERE entity IN (SELECT entity FROM waxline.prepared);
INSERT INTO discogs.change (entity, sequence, run, dump)
SELECT entity, sequence, run, dump FROM waxline.run WHERE sequence = 1;
