"""One module per system, named for it: ``write(part)`` writes the files that the system delivers on the batch dates.

What belongs here: which fields a record of the system has and what it delivers when. What every system shares (people,
distortions, ids, ways of writing files) is beside this package.
"""
