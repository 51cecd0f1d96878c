"""Everything that knows GitHub's API, and nothing that knows the database."""
