// Uniqueness first: MERGE without it scans, and is not unique.
CREATE CONSTRAINT artist_id IF NOT EXISTS FOR (x:Artist) REQUIRE x.id IS UNIQUE;
CREATE CONSTRAINT label_id IF NOT EXISTS FOR (x:Label) REQUIRE x.id IS UNIQUE;
CREATE CONSTRAINT master_id IF NOT EXISTS FOR (x:Master) REQUIRE x.id IS UNIQUE;
CREATE CONSTRAINT release_id IF NOT EXISTS FOR (x:Release) REQUIRE x.id IS UNIQUE;
CREATE CONSTRAINT genre_name IF NOT EXISTS FOR (x:Genre) REQUIRE x.name IS UNIQUE;
CREATE CONSTRAINT style_name IF NOT EXISTS FOR (x:Style) REQUIRE x.name IS UNIQUE;
CREATE CONSTRAINT waxline_database IF NOT EXISTS FOR (x:WaxlineDatabase) REQUIRE x.key IS UNIQUE;
CREATE CONSTRAINT waxline_run IF NOT EXISTS FOR (x:WaxlineRun) REQUIRE x.entity IS UNIQUE;
CREATE CONSTRAINT waxline_range IF NOT EXISTS FOR (x:WaxlineRange) REQUIRE x.key IS UNIQUE;
CREATE CONSTRAINT waxline_rejected IF NOT EXISTS FOR (x:WaxlineRejected) REQUIRE x.key IS UNIQUE;
CREATE CONSTRAINT waxline_refused IF NOT EXISTS FOR (x:WaxlineRefused) REQUIRE x.run IS UNIQUE;
CREATE CONSTRAINT waxline_history IF NOT EXISTS FOR (x:WaxlineHistory) REQUIRE x.key IS UNIQUE;
CREATE CONSTRAINT waxline_deletion IF NOT EXISTS FOR (x:WaxlineDeletion) REQUIRE x.key IS UNIQUE;
