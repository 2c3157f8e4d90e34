"""What people decide about identity: the queue of doubts, their decisions, corrections, and notes in free text.

What belongs here: finding what a steward should look at, recording what he decides, and the page's files. What does
not: applying decisions to clusters, which is `include/identity/cluster.py`.
"""
