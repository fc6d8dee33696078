"""PostgreSQL as the serving side reads it: constant statements, one for each question."""
