"""What the pipeline writes down about itself: steps and builds."""
