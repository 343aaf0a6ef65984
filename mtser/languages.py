"""Codes of languages: ISO 639, with or without a region, in one writing."""

import re

# Two letters: the same in three letters (of both kinds, where they differ).
_TWO_LETTERS = """
aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak be:bel bg:bul bi:bis bm:bam
bn:ben bo:bod,tib br:bre bs:bos ca:cat ce:che ch:cha co:cos cr:cre cs:ces,cze cu:chu cv:chv cy:cym,wel da:dan
de:deu,ger dv:div dz:dzo ee:ewe el:ell,gre en:eng eo:epo es:spa et:est eu:eus,baq fa:fas,per ff:ful fi:fin fj:fij
fo:fao fr:fra,fre fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj gv:glv ha:hau he:heb hi:hin ho:hmo hr:hrv ht:hat hu:hun
hy:hye,arm hz:her ia:ina id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido is:isl,ice it:ita iu:iku ja:jpn jv:jav ka:kat,geo
kg:kon ki:kik kj:kua kk:kaz kl:kal km:khm kn:kan ko:kor kr:kau ks:kas ku:kur kv:kom kw:cor ky:kir la:lat lb:ltz lg:lug
li:lim ln:lin lo:lao lt:lit lu:lub lv:lav mg:mlg mh:mah mi:mri,mao mk:mkd,mac ml:mal mn:mon mr:mar ms:msa,may mt:mlt
my:mya,bur na:nau nb:nob nd:nde ne:nep ng:ndo nl:nld,dut nn:nno no:nor nr:nbl nv:nav ny:nya oc:oci oj:oji om:orm
or:ori os:oss pa:pan pi:pli pl:pol ps:pus pt:por qu:que rm:roh rn:run ro:ron,rum ru:rus rw:kin sa:san sc:srd sd:snd
se:sme sg:sag si:sin sk:slk,slo sl:slv sm:smo sn:sna so:som sq:sqi,alb sr:srp ss:ssw st:sot su:sun sv:swe sw:swa
ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl tn:tsn to:ton tr:tur ts:tso tt:tat tw:twi ty:tah ug:uig uk:ukr ur:urd
uz:uzb ve:ven vi:vie vo:vol wa:wln wo:wol xh:xho yi:yid yo:yor za:zha zh:zho,chi zu:zul
"""
# Standard languages of ISO 639-3 (Mandarin, Persian of Iran) → the two letters that people use for them.
_STANDARD = """
arb:ar als:sq azj:az cmn:zh ekk:et gug:gn khk:mn kmr:ku lvs:lv npi:ne ory:or pes:fa plt:mg quz:qu swh:sw uzn:uz ydd:yi
zsm:ms
"""
_NO_LANGUAGE = ("mis", "mul", "und", "zxx")  # several languages, one that nobody knows, none
_WITHDRAWN = {"in": "id", "iw": "he", "ji": "yi", "jw": "jv", "mo": "ro", "sh": "sh"}
_FORM = re.compile(r"([A-Za-z]{2,3})((?:-[A-Za-z0-9]{1,8})*)")


def _codes() -> dict[str, str]:
    """Each code of a language that has two letters → how mtser writes it."""
    codes = dict(entry.split(":") for entry in _STANDARD.split()) | _WITHDRAWN
    for entry in _TWO_LETTERS.split():
        short, _, long = entry.partition(":")
        codes |= dict.fromkeys([short, *long.split(",")], short)
    return codes


_CODES = _codes()


def normal_language(code: str) -> str | None:
    """A code as mtser writes it: in lower case, of two letters if the language has such a code, maybe with a region.

    English has no region: it is read and pronounced as American everywhere. Of three letters all are taken for the
    code of a language, since there are some eight thousand.

    Returns
    -------
    str or None
        None if it is no code of a language.

    Example
    -------
    >>> normal_language("DEU"), normal_language("pt-BR"), normal_language("en-GB"), normal_language("yue")
    ('de', 'pt-br', 'en', 'yue')
    """
    formed = _FORM.fullmatch(code)
    if formed is None:
        return None
    known = formed[1].lower()
    language = _CODES.get(known, known if len(known) == 3 and known not in _NO_LANGUAGE else None)
    if language is None or language == "en":
        return language
    return language + formed[2].lower()


def main_language(code: str) -> str:
    """The language of a code without the region: what it is compared by. A code that nobody knows stays itself.

    Example
    -------
    >>> main_language("en-US"), main_language("pt-BR"), main_language("xx")
    ('en', 'pt', 'xx')
    """
    language = code.partition("-")[0].lower()
    return _CODES.get(language, language)
