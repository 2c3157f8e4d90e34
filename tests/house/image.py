"""Reads docker-compose.yaml and the Dockerfile, and makes from them the environment that a container would have."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from include.settings import PROJECT_DIR

IMAGE_PROJECT = "/opt/customer360"
IMAGE_STATE = "/var/lib/customer360"
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@cache
def compose() -> dict[str, Any]:
    """docker-compose.yaml, with its variables as they are written."""
    described: dict[str, Any] = yaml.safe_load((PROJECT_DIR / "docker-compose.yaml").read_text())
    return described


def interpolate(text: str, values: dict[str, str]) -> str:
    """Put values in place of ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?message}``, as docker compose does."""

    def value_of(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if values.get(name):
            return values[name]
        if kind == "?":
            raise KeyError(f"{name}: {rest}")
        return rest or ""

    return VARIABLE.sub(value_of, text)


def dockerfile() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their arguments; continued lines are joined."""
    text = re.sub(r"\\\n\s*", " ", (PROJECT_DIR / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(keyword, rest) for keyword, _, rest in (line.partition(" ") for line in lines)]


def image_variables() -> dict[str, str]:
    """What ENV of the Dockerfile sets."""
    pairs = (pair for keyword, rest in dockerfile() if keyword == "ENV" for pair in rest.split())
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def service_variables(name: str) -> dict[str, str]:
    """What the compose file sets for a service, with its variables as they are written."""
    service = compose()["services"][name]
    return _env_file(service.get("env_file")) | {k: str(v) for k, v in service.get("environment", {}).items()}


def _env_file(name: str | None) -> dict[str, str]:
    lines = (PROJECT_DIR / name).read_text().splitlines() if name else []
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {key: value for key, _, value in pairs}


def container_environment(
    service: str, values: dict[str, str], state: Path, moved: dict[str, str] | None = None
) -> dict[str, str]:
    """The environment of a service's container, with the container's places moved to this machine.

    Nothing of the environment of the tests is in it but the interpreter's folder. `moved` maps addresses of the
    compose network to those here.
    """
    places = {IMAGE_PROJECT: str(PROJECT_DIR), IMAGE_STATE: str(state), **(moved or {})}
    declared = image_variables() | {k: interpolate(v, values) for k, v in service_variables(service).items()}
    base = {"PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin", "HOME": str(state)}
    return base | {name: _move(value, places) for name, value in declared.items()}


def container_command(command: list[str], state: Path, moved: dict[str, str]) -> list[str]:
    """A command of the compose file, with the container's places moved to this machine."""
    places = {IMAGE_PROJECT: str(PROJECT_DIR), IMAGE_STATE: str(state), **moved}
    return [_move(str(part), places) for part in command]


def health_command(service: str) -> list[str]:
    """The health check of a service, as a command."""
    kind, *command = compose()["services"][service]["healthcheck"]["test"]
    assert kind == "CMD", f"{service}: a health check without a shell is expected"
    return [str(part) for part in command]


def _move(text: str, places: dict[str, str]) -> str:
    for old, new in places.items():
        text = text.replace(old, new)
    return text
