"""Links what is new or changed against the people that are there, and leaves everybody else as he is."""
