"""PostgreSQL: sessions with deadlines, errors as ours, statements in files of their own."""
