"""The steps of a landing, and what the pipeline writes down about itself: steps and builds."""
