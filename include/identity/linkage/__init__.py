"""Links files of people that nobody has described: what the columns are, how to compare them, where to draw the line.

The engine is the pipeline's: its standardising, comparisons, scoring and clustering. What the pipeline knows in advance
(columns, a trained model, a threshold) is found out here from the files.
"""
