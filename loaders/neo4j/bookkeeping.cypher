// name: identity
MERGE (d:WaxlineDatabase {key: 'database'})
ON CREATE SET d.identity = $identity, d.namespace = $namespace
RETURN d.identity AS identity

// One that an earlier waxline made says nothing.
// name: namespace
MATCH (d:WaxlineDatabase {key: 'database'})
RETURN coalesce(d.namespace, 'waxline') AS namespace

// name: runs
MATCH (s:WaxlineRun)
RETURN properties(s) AS row

// name: run
MATCH (s:WaxlineRun {entity: $entity})
RETURN properties(s) AS row

// The row is written, and so locked, before its run is looked at: an advance that is under
// way is waited for (Neo4j) or makes this transaction conflict (ArcadeDB).
// name: advance
MERGE (s:WaxlineRun {entity: $entity})
ON CREATE SET s.run = -1, s.state = 'complete', s.untidy = 0, s.rows_at_complete = 0,
  s.complete_run = 0
SET s.touched = $nonce
WITH s
OPTIONAL MATCH (f:WaxlineRefused {run: $run})
WITH s, f WHERE f IS NULL AND s.run < $run AND ($allow_older OR s.run < 0 OR s.dump <= $dump)
SET s.untidy = CASE WHEN s.state = 'complete' THEN s.untidy ELSE s.untidy + 1 END
SET s.run = $run, s.dump = $dump, s.state = 'loading', s.detail = '', s.loaded = 0,
  s.unchanged = 0, s.rejected = 0, s.deleted = 0, s.exceptions = 0
RETURN s.run AS run

// A number that no reading has: what still comes of the run before is dropped, and not written.
// name: overtake
MATCH (s:WaxlineRun {entity: $entity})
SET s.run = s.run + 1, s.state = 'loading', s.detail = $detail, s.loaded = 0, s.unchanged = 0,
  s.rejected = 0, s.deleted = 0, s.exceptions = 0

// name: check
MATCH (s:WaxlineRun {entity: $entity})
SET s.touched = $nonce
WITH s WHERE s.run = $run
SET s.loaded = s.loaded + $loaded, s.unchanged = s.unchanged + $unchanged,
  s.rejected = s.rejected + $rejected, s.deleted = s.deleted + $deleted,
  s.untidy = s.untidy + $untidy
SET s += $verdict
RETURN s.run AS run

// name: forget_ranges
MATCH (r:WaxlineRange {entity: $entity})
DELETE r

// name: store_range
MERGE (r:WaxlineRange {key: $key})
SET r.entity = $entity, r.run = $run, r.index = $index, r.body = $body

// name: ranges
MATCH (r:WaxlineRange {entity: $entity, run: $run}) WHERE NOT r.index IN $known
RETURN r.body AS body ORDER BY r.index

// name: reject
UNWIND $rejections AS j
MERGE (x:WaxlineRejected {key: j.key})
SET x = j

// There is seldom any: one look at the label then, instead of one for each of a batch's keys.
// name: accept
MATCH (some:WaxlineRejected)
WITH some LIMIT 1
UNWIND $keys AS k
MATCH (x:WaxlineRejected {key: k})
DELETE x

// name: rejected
MATCH (x:WaxlineRejected {entity: $entity}) WHERE x.id >= $first AND x.id < $last
RETURN x.id AS id, x.fingerprint AS fingerprint

// name: rejections
MATCH (x:WaxlineRejected {entity: $entity})
RETURN x.id AS id, x.fingerprint AS fingerprint, x.reason AS reason,
  coalesce(x.run, 0) AS run, coalesce(x.dump, 0) AS dump ORDER BY x.id

// name: rejected_record
MATCH (x:WaxlineRejected {key: $key})
RETURN coalesce(x.record, '') AS record

// name: refuse
MERGE (f:WaxlineRefused {run: $run})
SET f.reason = $reason

// name: refusals
MATCH (f:WaxlineRefused)
RETURN f.run AS run, f.reason AS reason ORDER BY f.run DESC LIMIT 50

// name: untidy
MATCH (s:WaxlineRun {entity: $entity})
RETURN s.untidy AS untidy

// Only what was counted before the sweep is tidied: a batch may have come in between.
// name: tidied
MATCH (s:WaxlineRun {entity: $entity})
SET s.touched = $nonce, s.untidy = s.untidy - $untidy

// The row is written, and so locked, before it is looked at, as above.
// name: note_run
MATCH (s:WaxlineRun {entity: $entity})
SET s.touched = $nonce
WITH s
MERGE (h:WaxlineHistory {key: s.entity + ':' + toString(s.run)})
SET h.entity = s.entity, h.run = s.run, h.dump = s.dump, h.outcome = s.state,
  h.detail = s.detail, h.loaded = s.loaded, h.unchanged = s.unchanged,
  h.rejected = s.rejected, h.deleted = s.deleted, h.exceptions = s.exceptions,
  h.started = coalesce(h.started, $started), h.ended = coalesce($ended, h.ended)

// name: note_refused
MERGE (h:WaxlineHistory {key: $past.key})
SET h = $past

// name: prune_history
MATCH (h:WaxlineHistory {entity: $entity})
WITH h ORDER BY h.run DESC SKIP $kept
DELETE h

// name: history
MATCH (h:WaxlineHistory)
RETURN properties(h) AS past ORDER BY h.run DESC LIMIT $limit

// name: note_deletions
UNWIND $deletions AS d
MERGE (x:WaxlineDeletion {key: d.key})
SET x = d

// As `accept`: in a first load there are none.
// name: take_back_deletions
MATCH (some:WaxlineDeletion)
WITH some LIMIT 1
UNWIND $keys AS k
MATCH (x:WaxlineDeletion {key: k})
DELETE x
