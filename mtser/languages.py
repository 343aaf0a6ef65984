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
# ISO 639-2 of languages that have no two letters; ISO 639-3 of some that espeak-ng speaks, and of China's.
_THREE_LETTERS = """
ace ach ada ady afh ain akk ale alt ang anp arc arn arp arw ast awa bal ban bas bej bem bho bik bin bla bpy bra bua
bug byn cad car ceb chb chg chk chm chn cho chp chr chy cmn cnr cop crh csb dak dar del den dgr din doi dsb dua dum
dyu efi egy eka elx enm ewo fan fat fil fon frm fro frr frs fur gaa gay gba gez gil gmh goh gon gor got grb grc gsw
gwi hai hak haw hil hit hmn hsb hup hyw iba ilo inh jbo jpr jrb kaa kab kac kam kaw kbd kha kho kmb kok kos kpe krc
krl kru kum kut lad lah lam lez lfn lol loz ltg lua lui lun luo lus mad mag mai mak man mas mdf mdr men mga mic min
mnc mni moh mos mto mus mwl mwr myv nan nap nci nds new nia niu nog non nqo nso nwc nym nyn nyo nzi osa ota pag pal
pam pap pau peo phn pon pro quc raj rap rar rom rup sad sah sam sas sat scn sco sel sga shn sid sma smj smn sms snk
sog srn srr suk sus sux syc syr tem ter tet tig tiv tkl tlh tli tmh tog tpi tsi tum tvl tyv udm uga umb vai vot wal
war was wuu xal yao yap yue zap zbl zen zgh zun zza
"""
_WITHDRAWN = {"in": "id", "iw": "he", "ji": "yi", "jw": "jv", "mo": "ro"}
_FORM = re.compile(r"([A-Za-z]{2,3})((?:-[A-Za-z0-9]{1,8})*)")


def _codes() -> dict[str, str]:
    """Each code that is known → how mtser writes it."""
    codes = {code: code for code in _THREE_LETTERS.split()} | _WITHDRAWN
    for entry in _TWO_LETTERS.split():
        short, _, long = entry.partition(":")
        codes |= dict.fromkeys([short, *long.split(",")], short)
    return codes


_CODES = _codes()


def normal_language(code: str) -> str | None:
    """A code as mtser writes it: in lower case, of two letters if the language has such a code, maybe with a region.

    English has no region: it is read and pronounced as American everywhere.

    Returns
    -------
    str or None
        None if there is no such language.

    Example
    -------
    >>> normal_language("DEU"), normal_language("pt-BR"), normal_language("en-GB"), normal_language("yue")
    ('de', 'pt-br', 'en', 'yue')
    """
    formed = _FORM.fullmatch(code)
    language = _CODES.get(formed[1].lower()) if formed else None
    if formed is None or language is None or language == "en":
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
