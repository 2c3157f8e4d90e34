"""What is at fault decides: a file that cannot be read is rejected, an outage of ours is an error and tried again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from include.landing import land as land_module
from include.landing import land_batch
from tests.include.landing.delivery import DAY, land, put, query, things
from tests.include.landing.test_faults import CSV, XML


class _Broken:
    """An object storage that is down."""

    def __init__(self, error: OSError) -> None:
        self.error = error

    def __truediv__(self, _: str) -> _Broken:
        raise self.error


@pytest.mark.parametrize("error", [ConnectionError("no route"), PermissionError(13, "denied"), OSError(28, "full")])
def test_land__outage_of_the_archive_rejects_nothing(error: OSError, tmp_path: Path, warehouse_url: str) -> None:
    """It is ours, not the sender's: the task fails and is tried again."""
    put(tmp_path / "inbox", "shop", "t.csv", CSV)
    with pytest.raises(type(error)):
        land_batch(things("csv"), DAY, tmp_path / "inbox", _Broken(error), warehouse_url)
    assert query(warehouse_url, "select count(*) from ops.files") == [(0,)]
    (file,) = land(tmp_path / "inbox", warehouse_url, things("csv")).files
    assert (file.state, file.rows_landed) == ("landed", 1)


@pytest.mark.parametrize("kind", ["csv", "xml", "json"])
@pytest.mark.parametrize("place", ["archive.gzip.GzipFile.write", "load.tempfile.TemporaryFile"])
def test_land__full_disk_rejects_nothing(
    place: str, kind: str, tmp_path: Path, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = {"csv": CSV, "xml": XML.encode(), "json": b'[{"id": "1", "name": "a"}]'}[kind]
    put(tmp_path / "inbox", "shop", f"t.{kind}", content)
    contract = things(kind, {"id": {}, "name": {"sensitivity": "never_store"}, "note": {}})
    with monkeypatch.context() as full:
        full.setattr(f"include.landing.{place}", _full)
        with pytest.raises(OSError, match="No space left"):
            land(tmp_path / "inbox", warehouse_url, contract)
    assert query(warehouse_url, "select count(*) from ops.files") == [(0,)]
    (file,) = land(tmp_path / "inbox", warehouse_url, contract).files
    assert (file.state, file.rows_landed) == ("landed", 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder, whatever its permissions say")
def test_land__folder_that_may_not_be_read_is_no_absence(tmp_path: Path, warehouse_url: str) -> None:
    folder = put(tmp_path / "inbox", "shop", "t.csv", CSV).parent
    folder.chmod(0)
    with pytest.raises(PermissionError):
        land(tmp_path / "inbox", warehouse_url, things("csv"))
    folder.chmod(0o755)
    assert query(warehouse_url, "select count(*) from ops.batches") == [(0,)]


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("sensitivity", ["none", "never_store"])
def test_land__file_that_breaks_off_while_it_is_read_is_rejected(
    sensitivity: str, tmp_path: Path, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the inbox's disk: the kernel lets this one be opened and refuses to read it."""
    put(tmp_path / "inbox", "shop", "t.csv", CSV).unlink()
    (tmp_path / "inbox" / "shop" / DAY.isoformat() / "t.csv").symlink_to("/proc/self/mem")
    monkeypatch.setattr(land_module, "_hash", lambda _: "0" * 64)
    contract = things("csv", {"id": {}, "name": {}, "note": {"sensitivity": sensitivity}})
    (file,) = land(tmp_path / "inbox", warehouse_url, contract).files
    assert file.state == "rejected"
    assert str(file.reason).startswith("t.csv: cannot be read (Input/output error)")
