"""Landing needs the same memory for a small file and a large one, in every format; each in a process of its own."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from include.settings import PROJECT_DIR
from tests.include.landing.delivery import DAY

SMALL, LARGE = 50 << 20, 1 << 30
# Sizes that take no more than about 20 seconds, where a gigabyte takes longer: what is written anew before it lands
# takes a minute or more. The memory may grow by the same part of what the file grows.
SMALLER = dict.fromkeys(("csv_never_stored", "json_never_stored", "xml_never_stored"), (SMALL, 448 << 20))
SMALLER["jsonl_never_stored"] = (16 << 20, 256 << 20)
SMALLER["csv_detect"] = (SMALL, 256 << 20)
SMALLER["txt"] = (SMALL, 768 << 20)
SMALLER["masked_text"] = (2 << 20, 32 << 20)
MAX_GROWTH_MB, MAX_PEAK_MB = 20, 200
NOISE_MB = 2  # two runs of one size differ by as much
ROW_BYTES = 4000
TEXT = ("So it goes, said the clerk, and wrote it down. " * 100)[: ROW_BYTES - 100]
PER_BLOCK = 256

# Runs in a fresh interpreter: a landed batch, and the most memory that the process has had (not by getrusage, which
# begins with the size of the process that started it).
CHILD = """
import json, sys
from pathlib import Path
from include.bench.memory import peak_rss_mb
from include.landing import land_batch
from tests.include.landing.delivery import DAY, things
kind, options, inbox, url = sys.argv[1:]
options = json.loads(options)
contract = things(kind, options.pop("columns", None), **options)
(file,) = land_batch(contract, DAY, Path(inbox), Path(inbox).parent / "archive", url).files
assert file.state == "landed", file.reason
print(file.rows_read, file.rows_quarantined, int(peak_rss_mb()))
"""


def _csv(number: int) -> str:
    return f'{number},name,"{TEXT}"\n'


def _bad_csv(number: int) -> str:
    return f"{number},name,too,many,{TEXT}\n" if number % 100 == 7 else f"{number},name,{TEXT.replace(',', ';')}\n"


def _json(number: int) -> str:
    return f'{{"id": "{number}", "name": "name", "note": "{TEXT}"}}'


def _xml(number: int) -> str:
    return f"<thing><id>{number}</id><name>name</name><note>{TEXT}</note></thing>\n"


def _txt(number: int) -> str:
    return f"{number}|name|{TEXT}\n"


def _note(number: int) -> str:
    told = "of card 4111 1111 1111 1111, security code 762" if number % 32 == 7 else "of whom nothing is told"
    return f"Ann Lee, number {number}, {told}. {TEXT}\n"


SECRET = {"columns": {"id": {}, "name": {"sensitivity": "never_store"}, "note": {}}}
# What the contract says besides.
OPTIONS: dict[str, dict[str, Any]] = {
    "txt": {"delimiter": "|", "quote": None},
    "csv_detect": {"encoding": "detect"},
    "csv_never_stored": SECRET,
    "xml_never_stored": SECRET,
    "json_never_stored": SECRET,
    "jsonl_never_stored": SECRET,
    "masked_text": {
        "columns": {"id": {"mask": ["card_number", "security_code"]}},
        "delimiter": "\x1f", "header": False, "quote": None,
    },
}  # fmt: skip

# kind of the contract, name of the file, text before, row by number, text between rows, text after
FORMATS: dict[str, tuple[str, str, str, Callable[[int], str], str, str]] = {
    "csv": ("csv", "t.csv", "id,name,note\n", _csv, "", ""),
    "csv_bad_rows": ("csv", "t.csv", "id,name,note\n", _bad_csv, "", ""),
    "csv_gzip": ("csv", "t.csv.gz", "id,name,note\n", _csv, "", ""),
    "jsonl": ("jsonl", "t.jsonl", "", _json, "\n", "\n"),
    "json": ("json", "t.json", "[", _json, ",\n", "]"),
    "xml": ("xml", "t.xml", "<things>\n", _xml, "", "</things>\n"),
    "txt": ("txt", "t.txt", "id|name|note\n", _txt, "", ""),
    "json_never_stored": ("json", "t.json", "[", _json, ",\n", "]"),
    "jsonl_never_stored": ("jsonl", "t.jsonl", "", _json, "\n", "\n"),
    "csv_detect": ("csv", "t.csv", "id,name,note\n", _csv, "", ""),
    "csv_never_stored": ("csv", "t.csv", "id,name,note\n", _csv, "", ""),
    "xml_never_stored": ("xml", "t.xml", "<things>\n", _xml, "", "</things>\n"),
    "masked_text": ("txt", "t.txt", "", _note, "", ""),
}


def _write(path: Path, form: tuple[str, str, str, Callable[[int], str], str, str], size: int) -> int:
    """Write about `size` bytes and return the number of rows: one block of rows is made and repeated."""
    _, _, before, row, between, after = form
    block = between.join(row(number) for number in range(PER_BLOCK)).encode()
    times = size // len(block)
    with gzip.open(path, "wb", 1) if path.suffix == ".gz" else path.open("wb") as out:
        out.write(before.encode() + block)
        for _ in range(times - 1):
            out.write(between.encode() + block)
        out.write(after.encode())
    return times * PER_BLOCK


@pytest.fixture
def inbox(session_dir: Path) -> Iterator[Path]:
    """On a disk that has room, and emptied at once: the files are large."""
    import shutil
    import tempfile

    folder = Path(tempfile.mkdtemp(dir=session_dir))
    yield folder / "inbox"
    shutil.rmtree(folder)


def _peak_mb(name: str, size: int, inbox: Path, url: str) -> int:
    form = FORMATS[name]
    folder = inbox / "shop" / DAY.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / form[1]
    rows = _write(path, form, size)
    done = subprocess.run(
        [sys.executable, "-c", CHILD, form[0], json.dumps(OPTIONS.get(name, {})), str(inbox), url],
        capture_output=True, text=True, cwd=PROJECT_DIR, check=False, env={"PYTHONPATH": str(PROJECT_DIR)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    read, bad, peak = map(int, done.stdout.split())
    assert read == rows
    assert bool(bad) == (name == "csv_bad_rows")
    return peak


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_land__memory_does_not_grow_with_the_file(name: str, inbox: Path, warehouse_url: str) -> None:
    sizes = SMALLER.get(name, (SMALL, LARGE))
    small, large = (_peak_mb(name, size, inbox, warehouse_url) for size in sizes)
    assert large <= MAX_PEAK_MB
    assert large - small <= max(NOISE_MB, MAX_GROWTH_MB * (sizes[1] - sizes[0]) / (LARGE - SMALL))
