-- Columns that a database has not that was made before runs and their records were noted.

ALTER TABLE waxline.rejected
    ADD COLUMN dump integer NOT NULL DEFAULT 0,
    ADD COLUMN record text NOT NULL DEFAULT '';
COMMENT ON COLUMN waxline.rejected.dump IS 'date of its dump; 0: not noted';
COMMENT ON COLUMN waxline.rejected.record IS 'its data as JSON in ASCII, cut where it is very long';
