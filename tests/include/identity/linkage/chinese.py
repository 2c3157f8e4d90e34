"""Invented people with Chinese names, headers and addresses; `truth` names the person."""

from __future__ import annotations

import random

import pandas as pd

FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
FAMILY_OF_TWO = ("欧阳", "司马", "上官", "诸葛")
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰文斌宇浩轩子涵"
    "梓雨欣怡佳俊峰建国志红梅春晓东海燕云龙飞鹏婷雪琳博思远天乐"
)
CITIES = ("北京", "上海", "广州", "深圳", "成都", "武汉", "杭州", "西安")
STREETS = ("人民", "解放", "中山", "建设", "和平", "长江")


def chinese(seed: int, people: int) -> pd.DataFrame:
    """One to three records per person, with wrong characters, mistyped and missing dates, new telephones, moves."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    rows = []
    for number in range(people):
        person = _person(chance)
        rows += [_record(chance, person) | {"truth": str(number)} for _ in range(chance.choice([1, 1, 2, 2, 3]))]
    chance.shuffle(rows)
    return pd.DataFrame(rows, dtype=object)


def _person(chance: random.Random) -> dict[str, str]:
    family = chance.choice(FAMILY_OF_TWO) if chance.random() < 0.02 else chance.choice(FAMILY)
    given = "".join(chance.choice(GIVEN) for _ in range(1 if chance.random() < 0.25 else 2))
    born = f"{chance.randint(1940, 2005)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    return {"family": family, "given": given, "born": born, "phone": _phone(chance)} | _place(chance)


def _phone(chance: random.Random) -> str:
    return f"1{chance.choice('3578')}{chance.randrange(10**9):09d}"


def _place(chance: random.Random) -> dict[str, str]:
    return {"城市": chance.choice(CITIES), "地址": f"{chance.choice(STREETS)}路{chance.randint(1, 400)}号"}


def _record(chance: random.Random, person: dict[str, str]) -> dict[str, str | None]:
    family, given, born = (person[name] for name in ("family", "given", "born"))
    phone: str | None = person["phone"]
    place = _place(chance) if chance.random() < 0.25 else {name: person[name] for name in ("城市", "地址")}
    if chance.random() < 0.15:
        at = chance.randrange(len(given))
        given = given[:at] + chance.choice(GIVEN) + given[at + 1 :]
    if chance.random() < 0.03:
        family = chance.choice(FAMILY)
    if chance.random() < 0.12:
        at = chance.choice([3, 6, 9])
        born = born[:at] + str((int(born[at]) + 1) % 10) + born[at + 1 :]
    if (drawn := chance.random()) < 0.45:
        phone = None if drawn < 0.3 else _phone(chance)
    return {"姓名": family + given, "出生日期": None if chance.random() < 0.15 else born, "电话": phone} | place
