"""The pairs that were compared, with their levels, from the passes of blocking to the pairs inside loose groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from include.identity.linkage.training import Array, Field, take_pairs

# Pairs of two loose groups that weigh less say nothing and are not kept (log2 odds).
LEAST_WEIGHT = -12.0


@dataclass
class Pairs:
    """Rows of the left and right records, a field per comparison with the levels, how many pairs were compared."""

    left: Array
    right: Array
    fields: list[Field]
    compared: int

    def edges(self, weight: Array) -> tuple[Array, Array, Array]:
        """The pairs as edges of a graph of records, without those of a record and its copy."""
        apart = self.left != self.right
        return self.left[apart], self.right[apart], weight[apart]

    def levels(self) -> list[Array]:
        """Per comparison the level of every pair."""
        return [field.gamma for field in self.fields]

    def within(self, weight: Array, group: Array) -> Pairs:
        """The pairs that say something or lie in one group."""
        kept = np.flatnonzero((weight >= LEAST_WEIGHT) | (group[self.left] == group[self.right]))
        return Pairs(self.left[kept], self.right[kept], take_pairs(self.fields, kept), self.compared)
