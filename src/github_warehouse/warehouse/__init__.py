"""Everything that knows the database, and nothing that knows HTTP."""
