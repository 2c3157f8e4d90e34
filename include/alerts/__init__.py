"""Alert mails: an outbox in the warehouse, one composer, one sender."""

from include.alerts.outbox import record_crash, send_pending

__all__ = ["record_crash", "send_pending"]
