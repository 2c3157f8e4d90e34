"""The key of the tokens that stand for card numbers, IBANs and national ids after raw.

A token is HMAC-SHA-256 (RFC 2104) of the number under a key that no table holds: it reaches the sessions of dbt as two
settings of the connection, the key xor-ed with the inner and the outer pad, from which `tokenise` in
``dbt_project/macros/tokens.sql`` computes it. Equal numbers have equal tokens, so systems join by them; without the key
nobody can try all card numbers.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

BLOCK = 64


def token_key(configured: str, run_dir: Path) -> bytes:
    """The key as configured, else the one of the run folder, which is made when it is first needed (mode 0600)."""
    if configured:
        return configured.encode()
    path = run_dir / "token.key"
    if not path.exists():
        run_dir.mkdir(parents=True, exist_ok=True)
        made = run_dir / f".token.key.{secrets.token_hex(8)}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_hex(32), encoding="ascii")
        with contextlib.suppress(FileExistsError):  # whoever is first wins, and a half-written key is never seen
            os.link(made, path)
        made.unlink()
    return path.read_text(encoding="ascii").strip().encode()


def session_options(key: bytes) -> str:
    """The settings of a session that may tokenise, as libpq takes them (``PGOPTIONS``)."""
    block = (hashlib.sha256(key).digest() if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in block).hex() for pad in (0x36, 0x5C))
    return f"-c customer360.token_inner={inner} -c customer360.token_outer={outer}"
