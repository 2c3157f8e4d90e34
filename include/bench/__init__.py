"""Measures the pipeline beside floors taken in the same run: bare ``\\copy``, the same SQL by psql, bare Splink."""
