// name: options
MATCH (d:WaxlineDatabase {key: 'database'})
RETURN coalesce(d.options, '') AS options

// name: lock_options
MATCH (d:WaxlineDatabase {key: 'database'})
SET d.touched = $nonce
RETURN coalesce(d.options, '') AS options

// name: set_options
MATCH (d:WaxlineDatabase {key: 'database'})
SET d.options = $options, d.touched = $nonce
