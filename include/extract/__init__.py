"""Reads the tables of databases into files that land like any other.

What belongs here: connections to the databases of source systems, what of a table is new, changed or gone, the files.
"""

from include.extract.errors import ExtractFailed
from include.extract.run import Delivery, fetch_delivery, inbox_of, remove_extracts

__all__ = ["Delivery", "ExtractFailed", "fetch_delivery", "inbox_of", "remove_extracts"]
