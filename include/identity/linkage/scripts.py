"""What people write otherwise in other scripts than the Latin: names without a space, words for a gender."""

from __future__ import annotations

import re

HAN_NAME = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]{2,4}")
# Chinese family names of two characters that people bear, short and long characters.
_OF_TWO = (
    "欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 皇甫 尉迟 尉遲 令狐 慕容 司徒 夏侯 东方 東方 公孙 公孫 端木 南宫 南宮 "
    "长孙 長孫 宇文 轩辕 軒轅"
)
FAMILY_NAMES_OF_TWO = frozenset(_OF_TWO.split())
_GENDERS = {
    "male": "男 男性 남 남자 남성 ذكر муж мужской м άνδρας άντρας άρρεν",
    "female": "女 女性 여 여자 여성 أنثى انثى жен женский ж γυναίκα θήλυ",
}
GENDERS = {word: gender for gender, words in _GENDERS.items() for word in words.split()}


def split_han_name(name: str) -> tuple[str, str] | None:
    """(first, last) of a name of two to four Han characters without a space; None of any other.

    The family name comes first: one character, and two where there are four or where they are one of the known ones.
    A Japanese name may be cut at another place than its bearer would; but one name is always cut at the same place.
    """
    if not HAN_NAME.fullmatch(name):
        return None
    size = 2 if len(name) == 4 or (len(name) == 3 and name[:2] in FAMILY_NAMES_OF_TWO) else 1
    return name[size:], name[:size]


def read_gender(text: str) -> str:
    """The English word for a gender in another script; any other text as it is."""
    return GENDERS.get(text.lower(), text)
