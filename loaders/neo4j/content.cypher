// Words in angle brackets are put in from the closed lists of schema.py; values are parameters.
// An edge is sent as a list: the key of its target, then its properties.
// Many values come back as one list: a record each costs ten times as much.

// Comes after lock_edges and delete_stale: of a record that is there the edges to be kept stay.
// ON MATCH changes nothing, but locks the node before its fingerprint is read: a batch that is in
// two transactions at once would find its records unwritten in both, and make their edges twice.
// name: upsert
UNWIND $rows AS r
MERGE (x:<label> {id: r.id}) ON MATCH SET x.id = r.id
WITH x, r WHERE x.fingerprint IS NULL OR x.fingerprint <> r.fingerprint
WITH x, r, CASE WHEN x.fingerprint IS NULL THEN 0 ELSE 1 END AS old
SET x = r.properties
WITH x, r, old
<edges>
RETURN count(*) AS written, sum(old) AS replaced, sum(<made>) AS edges, sum(<wanted>) AS wanted

// Locks as the upsert does, so that what is read stays so until then.  Of stubs too: theirs are
// strays.
// name: lock_edges
UNWIND $ids AS i
MATCH (x:<label> {id: i})
SET x.id = i
WITH x
MATCH (x)-[e:<types>]->(y)
RETURN collect([x.id, elementId(e), type(e), labels(y), coalesce(y.id, y.name), properties(e)])
  AS found

// A statement of its own, so that first loads and updates have one upsert: to plan another takes
// a server that has just started a second.
// name: delete_stale
UNWIND $stale AS s
MATCH (x:<label> {id: s[0]})-[e:<types>]->() WHERE elementId(e) IN s[1]
DELETE e

// name: edge
CALL (x, r) {
  UNWIND r.<rows> AS t
  MATCH (y:<target> {<key>: t[0]})
  CREATE (x)-[:<type> {<properties>}]->(y)
  RETURN count(*) AS <made>
}

// name: stubs
UNWIND $keys AS k
MERGE (:<label> {<key>: k})

// MERGE would lock both nodes, which every batch under way has edges to: it would wait for all of
// them.  Loaders that make the same edge wait for each other by a node that nothing else writes.
// name: parts
MERGE (d:WaxlineDatabase {key: 'parts'})
SET d.touched = $nonce
WITH d
UNWIND $pairs AS p
MATCH (s:Style {name: p[0]})
MATCH (g:Genre {name: p[1]})
WITH s, g WHERE NOT EXISTS { (s)-[:PART_OF]->(g) }
CREATE (s)-[:PART_OF]->(g)

// name: unchanged
UNWIND $pairs AS p
MATCH (x:<label> {id: p[0]}) WHERE x.fingerprint = p[1]
RETURN collect(p[0]) AS found

// A plain sum of 64-bit numbers turns into a float without a word: the halves are summed.
// Stubs have no fingerprint, and what is null counts for nothing: to ask for it as well would
// read each node's properties twice.
// Each of 65,536 ids: spans are made of these, and one look at what is between two ids will do.
// name: sums
UNWIND $stretches AS s
CALL (s) {
  MATCH (x:<label>) WHERE x.id >= s[0] AND x.id < s[1]
  WITH x.id / 65536 AS place, x.fingerprint AS f
  RETURN place, count(f) AS count, sum(f % 4294967296) AS low, sum(f / 4294967296) AS high
}
RETURN collect([place, count, low, high]) AS found

// name: fingerprints
UNWIND $ids AS i
MATCH (x:<label> {id: i}) WHERE x.fingerprint IS NOT NULL
RETURN collect([i, x.fingerprint]) AS found

// name: of_ids
UNWIND $ids AS i
MATCH (x:<label> {id: i}) WHERE x.fingerprint IS NOT NULL
RETURN collect(i) AS found

// name: held
UNWIND $stretches AS s
MATCH (x:<label>) WHERE x.id >= s[0] AND x.id < s[1] AND x.fingerprint IS NOT NULL
RETURN collect(x.id) AS found

// name: rows
MATCH (x:<label>) WHERE x.fingerprint IS NOT NULL
RETURN count(x) AS rows

// name: delete_edges
UNWIND $ids AS i
MATCH (x:<label> {id: i})-[e:<types>]->()
DELETE e

// name: delete_nodes
UNWIND $ids AS i
MATCH (x:<label> {id: i}) WHERE NOT EXISTS { (x)--() }
DELETE x

// name: make_stubs
UNWIND $ids AS i
MATCH (x:<label> {id: i})
SET x = {id: i}

// name: known
MATCH (x:<label>) WHERE x.id >= $first AND x.id < $last AND x.fingerprint <> 0
RETURN count(x) AS known

// name: doubt
MATCH (x:<label>) WHERE x.id >= $first AND x.id < $last AND x.fingerprint <> 0
SET x.fingerprint = 0

// name: distrust
UNWIND $ids AS i
MATCH (x:<label> {id: i}) WHERE x.fingerprint IS NOT NULL
SET x.fingerprint = 0
RETURN count(x) AS held

// name: disown
UNWIND $ids AS i
MATCH (x:<label> {id: i})-[e:<types>]->() WHERE x.fingerprint IS NULL
DELETE e

// name: read_nodes
UNWIND $ids AS i
MATCH (x:<label> {id: i}) WHERE x.fingerprint IS NOT NULL
RETURN collect([i, properties(x)]) AS found

// name: read_edges
UNWIND $ids AS i
MATCH (x:<label> {id: i})-[e:<types>]->(y)
RETURN collect([i, type(e), labels(y), coalesce(y.id, y.name), properties(e)]) AS found

// A stub with edges of its own is there as well: it should have none.
// name: ids
MATCH (x:<label>) WHERE x.id >= $first AND x.id < $last
  AND (x.fingerprint IS NOT NULL OR EXISTS { (x)-[:<types>]->() })
RETURN collect(x.id) AS found

// name: pairs
MATCH (x:<label>) WHERE x.id >= $first AND x.id < $last AND x.fingerprint IS NOT NULL
RETURN collect([x.id, x.fingerprint]) AS found

// name: orphans
MATCH (x:<label>) WHERE x.fingerprint IS NULL AND NOT EXISTS { (x)--() }
RETURN collect(x.id) AS found

// The write comes before the look: between the two, another session may make a record of it.
// name: sweep
UNWIND $ids AS i
MATCH (x:<label> {id: i})
SET x.touched = true
REMOVE x.touched
WITH x WHERE x.fingerprint IS NULL AND NOT EXISTS { (x)--() }
DELETE x
