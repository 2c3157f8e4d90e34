"""A landing may be that of a database: the shop of the extracts."""

from tests.include.extract.conftest import shop_url

__all__ = ["shop_url"]
