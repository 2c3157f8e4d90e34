"""Alert mails: an outbox in the warehouse, one composer, one sender."""

from include.alerts.all_clear import record_release
from include.alerts.outbox import Crash, record_crash, send_crash, send_pending

__all__ = ["Crash", "record_crash", "record_release", "send_crash", "send_pending"]
