"""Links the records of one person and keeps the key of every customer."""
