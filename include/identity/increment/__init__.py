"""Links what is new or changed against the people that are there, and leaves everybody else as he is.

The steps hand records on in temporary tables, which end with the transaction of the linking:

- touched (identity/delta.py): new, changed or gone. crowded (identity/population.py): identifiers that too many hold.
- candidates (find.py): compared with those in touched that are not gone.
- unsettled (placing.py): linked anew in any case. near (placing.py): in a pair that fits.
- nameless, held_by_nameless (nameless.py): without a name, and what they hold.
- placed (placing.py, nameless.py): new, and given to one customer or to nobody; not linked anew.
- asked, holders (nameless.py): linked by identifiers alone and looked at once more, and who holds what they name.
- relinked (find.py): linked anew, with those that are gone.
"""
