"""The sample company: invented people as many systems see them, seeded, with the truth kept apart.

What belongs here: the population, how systems distort it, the files. The pipeline never imports this package.
"""

from include.sample.company import write_sample

__all__ = ["write_sample"]
