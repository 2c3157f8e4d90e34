"""Names of columns by which people's data are known, in many languages.

Latin, Greek and Cyrillic headers are compared folded (lower-case ASCII, no accents or signs). Others are compared in
their own script, since folding makes one word of many: `姓` (surname) and `性` (sex) are both `xing`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import yaml

from include.identity import standardise as std

_NAMES = {
    "id": "id recordid recid rowid uniqueid uid key recordkey recordnumber recno pk identifier index personid",
    "full_name": (
        "name fullname namefull wholename completename personname customername clientname contactname "
        "holdername accountname displayname firstandsurname firstandlastname patientname membername nom "
        "nomcomplet nombrecompleto nomecompleto vollstaendigername vollstandigername gesamtname imieinazwisko "
        "celejmeno jmenoaprijmeni volledigenaam naam nombreyapellidos fio onoma onomateponymo isim adsoyad "
        "fullt namn navn nimi"
    ),
    "first_name": (
        "firstname forename givenname given fname first christianname vorname rufname prenom nombre nombres "
        "nome primeironome primernombre imie jmeno krestnijmeno voornaam fornavn fornamn etunimi keresztnev "
        "prenume ime imya imia onoma ad isim firstnames forenames givennames namefirst"
    ),
    "middle_name": (
        "middlename middle secondname middlenames middleinitial mname zweitername deuxiemeprenom "
        "segundonombre drugieimie tussennaam otchestvo patronymic"
    ),
    "last_name": (
        "lastname surname familyname family lname last sname nachname familienname zuname nomdefamille "
        "nomfamille apellido apellidos primerapellido sobrenome cognome nazwisko prijmeni achternaam "
        "familienaam efternavn etternavn efternamn sukunimi vezeteknev numedefamilie prezime familiya familia "
        "eponymo epitheto soyad soyadi soyisim namelast"
    ),
    "date_of_birth": (
        "dateofbirth dob birthdate birthday birth born bornon bornat bdate birthdt dateofbirthday dobirth "
        "geburtsdatum geburtstag geboren gebdatum datedenaissance datenaissance naissance nele "
        "fechadenacimiento fechanacimiento nacimiento datadenascimento datanascimento nascimento "
        "datadinascita datanascita dataurodzenia urodzony datumnarozeni narozen geboortedatum fodselsdato "
        "fodelsedatum syntymaaika szuletesidatum szuletesiido datanasterii datumrodenja datarozhdeniya "
        "datarojdeniya dogumtarihi hmerominiagennisis"
    ),
    "birth_year": (
        "birthyear yearofbirth yob byear geburtsjahr jahrgang anneedenaissance anneenaissance anodenacimiento "
        "anonacimiento annodinascita rokurodzenia roknarozeni geboortejaar"
    ),
    "birth_month": "birthmonth monthofbirth mob bmonth bm geburtsmonat moisdenaissance",
    "birth_day": "dayofbirth bday bd jourdenaissance",
    "age": "age ageyears alter edad eta idade wiek vek leeftijd alder ikaeta kor",
    "gender": (
        "gender sex geschlecht sexe sexo sesso genere genero genre plec pohlavi geslacht kjonn kon sukupuoli "
        "nem cinsiyet pol spol fylo anrede"
    ),
    "email": (
        "email emailaddress mail mailaddress emailaddr emailid correo correoelectronico courriel adressemail "
        "epost eposta posta emailadresse contactemail holderemail sahkoposti"
    ),
    "phone": (
        "phone phonenumber telephone telephonenumber tel telno mobile mobilenumber mobilephone cell cellphone "
        "phoneno contactnumber homephone workphone phone1 telefon telefonnummer handy mobil rufnummer "
        "telefono movil celular telefone numerotelefonu komorka mobilni telefoonnummer puhelin telefonszam "
        "gsm portable tilefono"
    ),
    "address_line": (
        "address addressline addressline1 address1 street streetaddress streetname addr addr1 road residence "
        "homeaddress postaladdress strasse strassenname anschrift adresse adressestrasse rue direccion calle "
        "domicilio endereco rua indirizzo via adres ulica ulice straat gata gate katuosoite utca strada "
        "adresa cim"
    ),
    "house_number": (
        "streetnumber housenumber houseno streetno number1 buildingnumber hausnummer hausnr numeroderue "
        "numerocalle numerocivico nrdomu cislodomu cislopopisne huisnummer husnummer addressnumber"
    ),
    "address_extra": (
        "address2 addressline2 addr2 unit flat apartment apt addressextra adresszusatz complementadresse complemento"
    ),
    "postcode": (
        "postcode postalcode zip zipcode zip5 pincode pcode postcodefake plz postleitzahl codepostal cp "
        "codigopostal cep cap kodpocztowy psc postnummer postinumero iranyitoszam codpostal indeks postkod"
    ),
    "city": (
        "city town suburb locality place municipality village cityname residencecity ort stadt wohnort ville "
        "commune ciudad localidad poblacion cidade citta comune miasto miejscowosc mesto obec stad woonplaats "
        "plaats by kaupunki varos oras grad gorod sehir poli"
    ),
    "region": (
        "state region province county stateprovince stateabbr district bundesland departement provincia "
        "estado regione wojewodztwo kraj provincie lan fylke"
    ),
    "country": (
        "country nation countrycode countryofresidence land staat pays pais paese panstwo zeme stat maa "
        "orszag tara strana ulke xora nationality citizenship"
    ),
    "national_id": (
        "nationalid nationalidnumber ssn socsecid socialsecuritynumber socialsecurity socialsecurityid nino "
        "nhsnumber nhsno nationalinsurancenumber nationalinsurance taxid taxnumber tin passport "
        "passportnumber passportno idnumber idcard personalnumber personalid medicare medicarenumber "
        "sozialversicherungsnummer steuerid svnr steuernummer nss numerosecu numerosecuritesociale dni nif "
        "nie curp rfc cpf codicefiscale pesel rodnecislo bsn personnummer cpr henkilotunnus cnp oib "
        "tckimlikno afm amka aadhaar pan"
    ),
    "occupation": (
        "occupation job jobtitle profession work employment beruf taetigkeit tatigkeit metier emploi "
        "ocupacion profesion trabajo profissao ocupacao professione lavoro zawod povolani beroep yrke ammatti "
        "foglalkozas meslek epaggelma"
    ),
    "birth_place": (
        "birthplace placeofbirth cityofbirth birthcity birthtown bornin pob geburtsort geburtsstadt "
        "lieudenaissance lieunaissance lugardenacimiento lugarnacimiento localdenascimento naturalidade "
        "luogodinascita luogonascita miejsceurodzenia mistonarozeni geboorteplaats fodested fodelseort "
        "syntymapaikka szuletesihely dogumyeri"
    ),
}
OURS = tuple(_NAMES)
FIRST_OF_OTHER_SCRIPTS = "\u0530"
# Arabic letters that are typed one for the other, and the stroke that only makes a word longer.
_OF_MANY_FORMS = str.maketrans("أإآةى", "اااهي", "\u0640")
_PARTS = re.compile(r"[()\[\]{}/|,:\n【】]")


def _key(header: str) -> str | None:
    """The form in which a header is compared."""
    if max(header, default="") < FIRST_OF_OTHER_SCRIPTS:
        return std.fold(header)
    return "".join(c for c in header.lower().translate(_OF_MANY_FORMS) if c.isalnum())


def _in_other_scripts() -> Iterator[tuple[str, str]]:
    for ours, languages in yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")).items():
        yield from ((ours, headers) for headers in languages.values())


HEADERS = {
    key: ours
    for ours, headers in [*_in_other_scripts(), *reversed(_NAMES.items())]
    for header in headers.split()
    if (key := _key(header))
}


def meaning_of(header: str) -> str | None:
    """Which of OURS a header names; of one in two scripts, as `姓名 (Name)`, the first part that is known."""
    header = unicodedata.normalize("NFKC", header)
    if found := HEADERS.get(_key(header) or ""):
        return found
    if max(header, default="") < FIRST_OF_OTHER_SCRIPTS:
        return None
    return next((ours for part in _PARTS.split(header) if (ours := HEADERS.get(_key(part) or ""))), None)
