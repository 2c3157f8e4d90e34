"""What is known of the quality of the data: reconciliation with raw, the six dimensions, overlap, profiles."""
