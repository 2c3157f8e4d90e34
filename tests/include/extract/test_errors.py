"""A database that cannot be read: what is wrong, where, and never a password or a value."""

from __future__ import annotations

import socket
import traceback
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from include.contracts import Contract
from include.extract import ExtractFailed
from tests.include.extract.shop import COLUMNS, DAY1, URL_ENV, change, contract, extract


def said(shop: Contract, run_dir: Path, url: str) -> str:
    """The whole traceback of a failed extract, as a log would show it."""
    with pytest.raises(ExtractFailed) as error:
        extract(shop, DAY1, run_dir, url)
    assert not list((run_dir / "extracts" / "shop").glob("*")), "nothing is left behind"
    return "".join(traceback.format_exception(error.value))


def test_extract__unreachable_database_is_named(
    tmp_path: Path, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setenv(URL_ENV, f"postgresql://reader:s3cret%2Fword@127.0.0.1:{port}/shop")
    text = said(contract(), tmp_path, warehouse_url)
    assert f"shop: the database at 127.0.0.1:{port}/shop cannot be read (OperationalError: " in text
    assert "s3cret" not in text


def test_extract__wrong_password_is_not_repeated(
    shop_url: str, tmp_path: Path, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = urlsplit(shop_url)
    monkeypatch.setenv(URL_ENV, f"postgresql://postgres:wr0ng@{place.hostname}:{place.port}{place.path}")
    text = said(contract(), tmp_path, warehouse_url)
    assert "password authentication failed" in text
    assert "wr0ng" not in text


@pytest.mark.parametrize("url", ["", "no address: s3cret"])
def test_extract__what_is_no_address_names_the_variable(
    url: str, tmp_path: Path, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL_ENV, url)
    text = said(contract(), tmp_path, warehouse_url)
    assert f"shop: {URL_ENV} is no address of a database" in text
    assert "s3cret" not in text


def test_extract__driver_that_is_missing_is_named(
    tmp_path: Path, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL_ENV, "mysql+mysqldb://reader:s3cret@127.0.0.1/shop")
    assert "the driver of the database is not installed (MySQLdb)" in said(contract(), tmp_path, warehouse_url)


@pytest.mark.parametrize(
    ("change_of", "reason"),
    [
        ("drop table things", "things: there is no table things"),
        ("alter table things rename updated_at to changed", "things: the table things has no column updated_at"),
        ("alter table things add column is_deleted text", "things: the table has a column is_deleted"),
    ],
)
def test_extract__table_that_does_not_fit_is_told(
    change_of: str, reason: str, shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    change(shop_url, change_of)
    assert reason in said(contract(), tmp_path, warehouse_url)


def test_extract__value_that_cannot_be_read_is_not_quoted(shop_url: str, tmp_path: Path, warehouse_url: str) -> None:
    change(shop_url, "alter table things add column until date",
           "insert into things values (1, 'a', null, '29999-01-01')")  # fmt: skip
    text = said(contract({**COLUMNS, "until": {}}), tmp_path, warehouse_url)
    assert "cannot be read (DataError)" in text
    assert "29999" not in text
