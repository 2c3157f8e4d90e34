"""Documentation made from the source of truth: what every column means, where it comes from, how tables hang together.

What belongs here: reading contracts and dbt's manifest, column lineage, the pages. No text about a column is written
here: it stands in the contract, in the YAML of the model or in the survivorship seed.
"""

from include.catalogue.write import write_catalogue

__all__ = ["write_catalogue"]
