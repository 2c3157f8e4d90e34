"""Headers in other scripts than the Latin."""

from __future__ import annotations

import pytest

from include.identity.linkage.headers import meaning_of

FIELDS = (
    "full_name", "first_name", "last_name", "date_of_birth", "phone", "email", "address_line", "city", "postcode",
    "gender", "id",
)  # fmt: skip
LANGUAGES = {
    "Chinese": "姓名, 名, 姓, 出生日期, 电话, 电子邮件, 地址, 城市, 邮编, 性别, 编号",
    "Chinese (long)": "姓名, 名, 姓, 出生日期, 電話, 電子郵件, 地址, 城市, 郵遞區號, 性別, 編號",
    "Japanese": "氏名, 名, 姓, 生年月日, 電話番号, メールアドレス, 住所, 市区町村, 郵便番号, 性別, 番号",
    "Korean": "이름, -, 성, 생년월일, 전화번호, 이메일, 주소, 도시, 우편번호, 성별, 번호",
    "Arabic": "الاسم الكامل, الاسم الأول, اسم العائلة, تاريخ الميلاد, رقم الهاتف, البريد الإلكتروني, العنوان, "
    "المدينة, الرمز البريدي, الجنس, الرقم",
    "Russian": "ФИО, Имя, Фамилия, Дата рождения, Телефон, Эл. почта, Адрес, Город, Индекс, Пол, Идентификатор",
    "Greek": "Ονοματεπώνυμο, -, ΕΠΩΝΥΜΟ, Ημερομηνία γέννησης, Τηλέφωνο, Ηλεκτρονικό ταχυδρομείο, Διεύθυνση, Πόλη, "
    "Ταχ. Κώδικας, Φύλο, Κωδικός",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_meaning_of__the_usual_fields_in_other_scripts(language: str) -> None:
    headers = LANGUAGES[language].split(", ")
    found = {ours: meaning_of(header) for ours, header in zip(FIELDS, headers, strict=True) if header != "-"}
    assert found == {ours: ours for ours in found}


@pytest.mark.parametrize(
    ("header", "ours"),
    [
        ("姓名 (Name)", "full_name"),
        ("Gender/性别", "gender"),
        ("E-mail地址", "email"),
        ("ｅメール", "email"),
        ("الاسم_الاول", "first_name"),
        ("المدينه", "city"),
        ("备注", None),
        ("市名", None),  # folded it is 氏名
        ("", None),
    ],
)
def test_meaning_of__headers_in_two_scripts_and_other_spellings(header: str, ours: str | None) -> None:
    assert meaning_of(header) == ours
