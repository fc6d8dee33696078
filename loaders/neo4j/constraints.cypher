// name: constraints
SHOW CONSTRAINTS YIELD labelsOrTypes, properties, type
RETURN labelsOrTypes AS labels, properties, type

// name: index
SHOW INDEXES YIELD name, labelsOrTypes, properties, owningConstraint
WHERE name = $name
RETURN labelsOrTypes AS labels, properties, owningConstraint AS owner
