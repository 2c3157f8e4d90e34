"""The identity report: what a build made of the records, in counts. One HTML page that needs nothing but itself.

It names systems, fields and customers by number, and holds no value of a record.
"""

from include.identity.report.scored import write_scored_pairs
from include.identity.report.truth import report_truth
from include.identity.report.write import write_report

__all__ = ["report_truth", "write_report", "write_scored_pairs"]
