"""The production shape: what docker-compose.yaml and the Dockerfile name is there, and holds no secret."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.settings import PROJECT_DIR
from tests.house.documentation import readme_settings
from tests.house.image import (
    IMAGE_PROJECT,
    VARIABLE,
    compose,
    dockerfile,
    image_variables,
    interpolate,
    service_variables,
)  # fmt: skip

SERVICES = {"postgres", "mail", "migrate", "api-server", "scheduler", "dag-processor", "triggerer"}
ONE_SHOT = {"migrate"}
SECRET_NAME = re.compile(r"PASSWORD|SECRET|KEY|TOKEN", re.IGNORECASE)
LOGIN_IN_URL = re.compile(r"://[^/\s:@]+:([^@]+)@")

# Settings that compose gives a value of its own, with what stands in its place in .env.
FIXED = {
    "CUSTOMER360_RUN_DIR": "the volume `state`",
    "CUSTOMER360_INBOX": "the folder inside; CUSTOMER360_INBOX in .env names the one that is mounted there",
    "CUSTOMER360_DATABASE_URL": "the service `postgres`, with POSTGRES_PASSWORD",
}
LAPTOP_ONLY = {
    "CUSTOMER360_PG_PORT": "of the embedded server, where compose has the service `postgres`",
    "CUSTOMER360_PG_OS_USER": "of the embedded server, where compose has the service `postgres`",
    "CUSTOMER360_SAMPLE_START": "of the sample that `make demo` writes into the inbox",
    "CUSTOMER360_SAMPLE_RECORDS": "of the sample that `make demo` writes into the inbox",
    "CUSTOMER360_SAMPLE_EVENTS": "of the sample that `make demo` writes into the inbox",
    "CUSTOMER360_SAMPLE_SEED": "of the sample that `make demo` writes into the inbox",
    "BANK_DATA": "`make demo` delivers the bank's files into the inbox, in production the bank does",
    "BANK_DATE": "`make demo` delivers the bank's files; in production their folder in the inbox is the date",
}


def _airflow_options() -> set[str]:
    """Every option of the installed Airflow, as ``SECTION__OPTION``; read from its own description, not imported."""
    spec = importlib.util.find_spec("airflow")
    assert spec is not None
    assert spec.origin is not None
    described = yaml.safe_load((Path(spec.origin).parent / "config_templates" / "config.yml").read_text())
    return {f"{section}__{name}".upper() for section, body in described.items() for name in body["options"]}


def _variables() -> dict[str, str]:
    """Every variable that the image or a service sets."""
    return image_variables() | {k: v for name in compose()["services"] for k, v in service_variables(name).items()}


def _mounts() -> list[tuple[str, str]]:
    return [tuple(v.split(":")[:2]) for v in _all_volumes()]


def _all_volumes() -> list[str]:
    listed: list[Any] = [v for service in compose()["services"].values() for v in service.get("volumes", [])]
    return sorted({interpolate(volume, {}) for volume in listed})


def test_compose__has_every_component() -> None:
    assert set(compose()["services"]) == SERVICES


def test_compose__every_service_has_a_health_check() -> None:
    services = compose()["services"]
    assert {name for name, service in services.items() if "healthcheck" not in service} == ONE_SHOT
    assert all(services[name]["restart"] == "no" for name in ONE_SHOT)


def test_compose__airflow_waits_for_the_migration() -> None:
    for name in ("api-server", "scheduler", "dag-processor", "triggerer"):
        waits = compose()["services"][name]["depends_on"]
        assert waits == {"migrate": {"condition": "service_completed_successfully"}}, name


def test_compose__ports_are_on_loopback_only() -> None:
    ports = [port for service in compose()["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_compose__volumes_are_declared_or_in_the_run_folder() -> None:
    declared = set(compose()["volumes"])
    for source, target in _mounts():
        assert target.startswith("/")
        if not source.startswith("."):
            assert source in declared, source
        else:  # made at run time; everything else that is mounted has to be in the repository
            assert source.startswith("./.run/") or (PROJECT_DIR / source).exists(), source


def test_dockerfile__copies_what_exists() -> None:
    copied = [rest.split() for keyword, rest in dockerfile() if keyword == "COPY"]
    sources = {part for *parts, _ in copied for part in parts}
    assert {"dags", "include", "dbt_project", "plugins", "config", "requirements.txt"} <= sources
    assert [source for source in sources if not (PROJECT_DIR / source).exists()] == []


def test_dockerfile__paths_of_variables_are_copied_or_made() -> None:
    text = "\n".join(rest for keyword, rest in dockerfile() if keyword == "RUN")
    for name, value in image_variables().items():
        for path in (part for part in value.split(":") if part.startswith("/")):
            in_project = path.removeprefix(IMAGE_PROJECT).lstrip("/")
            made = f"mkdir -p {'/'.join(path.split('/')[:4])} " in text
            assert made or (path.startswith(IMAGE_PROJECT) and (PROJECT_DIR / in_project).exists()), f"{name}={path}"


def test_dockerfile__runs_as_an_ordinary_user_of_the_image() -> None:
    keywords = [keyword for keyword, _ in dockerfile()]
    users = [rest.strip() for keyword, rest in dockerfile() if keyword == "USER"]
    assert users
    assert users[-1] not in ("root", "0")
    assert "USER" not in keywords[: len(keywords) - keywords[::-1].index("COPY") - 1], "files belong to root"
    assert any(f"useradd --uid 1000 --gid 1000 --create-home {users[-1]}" in rest for _, rest in dockerfile())


@pytest.mark.parametrize("name", sorted(n for n in _variables() if n.startswith("AIRFLOW__")))
def test_variable__is_an_option_of_airflow(name: str) -> None:
    assert name.removeprefix("AIRFLOW__") in _airflow_options()


@pytest.mark.parametrize("name", sorted(n for n in _variables() if n.startswith("CUSTOMER360_")))
def test_variable__is_a_setting_of_the_readme(name: str) -> None:
    assert name in readme_settings()


@pytest.mark.parametrize("name", sorted(readme_settings() - set(LAPTOP_ONLY)))
@pytest.mark.parametrize("service", ["api-server", "scheduler", "dag-processor", "migrate"])
def test_setting__reaches_every_component(service: str, name: str) -> None:
    value = (image_variables() | service_variables(service)).get(name)
    assert value is not None, f"{name} is missing in docker-compose.yaml, or has its reason in LAPTOP_ONLY"
    assert name in FIXED or f"${{{name}:" in value, f"{name} of .env does not reach {service}"


@pytest.mark.parametrize("name", sorted({**FIXED, **LAPTOP_ONLY}))
def test_setting__of_an_exception_is_still_one(name: str) -> None:
    assert name in readme_settings()
    assert (name in FIXED) == (name in _variables())


def test_variables__of_other_names_are_known() -> None:
    others = {n for n in _variables() if not n.startswith(("AIRFLOW__", "CUSTOMER360_"))}
    assert others == {
        "PYTHONPATH", "PYTHONUNBUFFERED", "AIRFLOW_HOME", "POSTGRES_PASSWORD", "POSTGRES_DB",
        "DBT_SEND_ANONYMOUS_USAGE_STATS",
    }  # fmt: skip


def test_secrets__come_from_the_environment() -> None:
    for name, value in _variables().items():
        if SECRET_NAME.search(name.split("__")[-1]):
            assert VARIABLE.fullmatch(value), name
            assert ":?" in value, f"{name}: a missing secret must stop docker compose"
        login = LOGIN_IN_URL.search(value)
        assert login is None or VARIABLE.fullmatch(login[1]), name


def test_dockerignore__keeps_the_image_small_and_private() -> None:
    ignored = set((PROJECT_DIR / ".dockerignore").read_text().split())
    assert {".run", ".git", "tests", ".env"} <= ignored


def test_gitignore__keeps_secrets_and_run_time_files_out() -> None:
    assert {".run/", ".env"} <= set((PROJECT_DIR / ".gitignore").read_text().split())
