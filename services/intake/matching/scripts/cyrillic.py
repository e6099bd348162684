"""Words in Cyrillic letters, as passports (ICAO 9303, part 3), BGN/PCGN and newspapers write them.

The language is told by letters that only it has; a word without any is read as Russian, with what the others would
write as less likely ways.
"""

from __future__ import annotations

import re

from services.intake.matching.scripts.ways import Alphabet, one_by_one

_RUSSIAN = Alphabet(
    "а=a б=b в=v,w:2.5 г=g,h:2 д=d е=e,ye:3 ё=yo:.5,e:.6,io:2,o:2 ж=zh,j:1.5,z:2.5 з=z и=i,y:2.5 "
    "й=y:.2,i:.8,j:2.5 к=k "
    "л=l м=m н=n о=o п=p р=r с=s т=t у=u,ou:2.5 ф=f,ph:3.5 х=kh:.3,h:.6,ch:3 ц=ts,c:2,tz:2.5 ч=ch,tch:2.5 "
    "ш=sh,sch:2.5,ch:2.5 "
    "щ=shch,sch:1.5,sh:2 ъ=- ы=y,i:1 ь=- э=e ю=yu:.2,iu:1,u:2 я=ya:.2,ia:1,a:3 "
    "ий$=y:.3,iy:.6,i:.9,ii:1.5,ij:1.8 ый$=y,yi:2,iy:2 ой$=oy,oi:1 ай=ay,ai:.5 ей=ey,ei:.4 ^е=ye:.6,e:.4 "
    "ье=ye,ie:.5 ью=yu ья=ya,ia:.6 "
    "ьо=yo,o:2 ия=iya:.3,ia:.2 ие=ie,iye:2 дж=j:.4,dzh:.8,dj:1.5 кс=ks,x:.4 аи=ai аё=ayo,ae:1 аё=ayo "
    "ае=ae,aye:.6 ое=oe,oye:1 "
    # Central Asia, Volga and Caucasus: Kazakh, Kyrgyz, Tajik, Uzbek, Tatar, Bashkir, Ossetic, Mongolian
    # (BGN/PCGN tables).
    "ә=a,e:.5 ғ=gh,g:.5 қ=q:.3,k:.4 ң=ng,n:1 ө=o,u:2,oe:2 ү=u,ue:2.5 ұ=u һ=h җ=j,dzh:1.5 ҷ=j,ch:2 ҳ=h,kh:1 "
    "ӣ=i ӯ=u ӑ=a,o:2 ӗ=e æ=a,ae:.8 "
    "ӕ=a,ae:.8 ӧ=o ӱ=u ҥ=ng ҫ=s,th:1 ҙ=z,dh:1 ҡ=q:.4,k:.3 ҕ=gh ҵ=ts ҽ=ch ҩ=o ӡ=dz ҝ=g ҹ=j ӝ=zh ӟ=z ӥ=i ӵ=ch "
    # Letters of the other alphabets, where a word mixes them.
    "і=i ї=i,yi:.6,ji:1.5 є=ye:.3,ie:.6,e:1.5 ґ=g ў=u,w:1,v:1 ј=j:.2,y:.8 љ=lj,l:1 њ=nj:.2,n:1,ny:1 "
    "ћ=c,ch:.4 ђ=dj,d:1 џ=dz,dzh:1,j:1 ѓ=gj,g:1 ќ=kj,k:1 ѕ=dz"
)
_UKRAINIAN = Alphabet(
    "г=h,g:1.2 ґ=g и=y,i:.7 і=i є=ie:.4,ye:.5,e:1 ^є=ye,e:1 ^ї=yi,i:1 ^е=e ий$=yi:1.2,y:.3,yy:1.5,iy:1 "
    "ій$=ii:.8,iy:.8,i:.8,y:1,ij:1.4 зг=zgh,zg:.5 ьо=io,yo:.5,o:2 "
    "я=ia:.6,ya:.4 ю=iu:.6,yu:.4 ^я=ya ^ю=yu х=kh,h:.6 ія=iia:1.2,iya:.5,ia:.4 ей=ei,ey:.4",
    _RUSSIAN,
)
_BELARUSIAN = Alphabet(
    "г=h,g:1 і=i ў=u,w:1,v:.8 дз=dz,d:1.5 е=e,ye:1.5,ie:2 ^е=ye,e:.8 ые=ye ыя=yya,iya:1 ый$=y,yi:1 "
    "ій$=i:.3,iy:.6,y:.6 х=kh,h:.6",
    _RUSSIAN,
)
_RUSSIFIED = Alphabet(
    # The same name as a Russian or Polish speaker writes it: unstressed а for о and е (*аканне*), ў for в, soft
    # дз and ц for д and т.
    "аў=av,ov:1 оў=ov аў$=ov:.3,av:.8 еў$=ev яў$=ev ёў$=ev,yov:1 ў=v еў=ev аўс=avs анка$=anko,enko:.8 "
    "энка$=enko энк=enk нка$=nko ^ула=vla "
    "^уладз=vlad дзь=d дзе=de дзі=di дзя=dya,de:1 дзм=dm дзю=dyu ці=ti це=te ця=tya,te:1 ць=t г=g "
    "аляк=alek ляк=lek сця=ste,stya:1 "
    "^яў=ev,yev:1 ^мік=nik:2,mik ыч$=ich эр=er ый$=y,iy:1 ій$=y,iy:.5",
    _RUSSIAN,
)
_SERBIAN = Alphabet(
    "ж=z,zh:.6 ч=c,ch:.4 ш=s,sh:.4 ц=c,ts:.6 х=h ј=j:.2,y:.6 ић$=ic,ich:.5 е=e ^е=e г=g в=v ю=ju "
    "ја=ja,ya:.5,ia:1 ија=ija,iya:.8,ia:.6 ^ј=j:.2,y:.5",
    _RUSSIAN,
)
_BULGARIAN = Alphabet("ъ=a,u:1 щ=sht х=h,kh:1 ж=zh ия=ia,iya:.8 ^е=e ь=y,-:1 ю=yu я=ya", _RUSSIAN)
_FOREIGN = Alphabet(
    # A Western name in Cyrillic letters, taken back (Gilyarevsky and Starostin's rules, reversed).
    "к=k:.2,c:.4 ке=ke ки=ki,ky:1 кей=key,kay:1 кс=x кв=qu дж=j ш=sch:.3,ch:.4,sh:.6 ж=g:.3,j:.2 "
    "в=w:.2,v:.3 уи=wi уо=wo уа=wa у=u,ou:.8 ю=u,eu:1 ё=oe:.5,eu:.8 э=e,a:1 эй=ay,ey:.6 "
    "ай=i:.6,ei:.6,ai:.3 ц=z:.2,c:.5,tz:.8 з=s:.3,z:.2 х=h г=g,h:.8 ф=f,ph:.8 й=y,i:.5 о=o,au:1.5 ^е=e "
    "ые=e ье=ie и=i,y:1,ee:1.5 и$=i,y:.5 "
    "тц=tz ч=ch:.3,cz:1,c:1 оу=ow:.4,o:.4 ньо=gno ьо=io ье$=ier:.6,ier:.5,ie:.6",
    _RUSSIAN,
)
_GERMAN = Alphabet(
    # As German speakers write it (Duden), which is also how many names travelled on.
    "в=w ж=sch з=s й=j,i:.5 х=ch ц=z ч=tsch ш=sch щ=schtsch ю=ju я=ja ё=jo е=e ^е=je ье=je ый$=y "
    "ий$=ij:.4,i:.4,y:.5 ій$=ij:.4,i:.5 є=je ї=ji ия=ija,ia:.5 ай=aj,ai:.3 ей=ej,ei:.3 "
    "кс=ks,x:.5 дж=dsch ев=ew аев=ajew оев=ojew",
    _RUSSIAN,
)
_LANGUAGES = (
    (re.compile("[јљњћђџѓќѕ]"), (_SERBIAN,)),
    (re.compile("ў|і.*[ыэ]|[ыэ].*і|дзі|дзь"), (_BELARUSIAN, _RUSSIFIED)),
    (re.compile("[їєґі]"), (_UKRAINIAN, _RUSSIAN)),
    (re.compile("[бвгджзклмнпрстфхцчш]ъ[бвгджзклмнпрстфхцчш]"), (_BULGARIAN,)),
    (re.compile("нка$|[^аеиоуыэюя]анк"), (_RUSSIAN, _RUSSIFIED)),
)


def romanisations(word: str) -> tuple[str, ...]:
    """By the language that the letters show; without such a sign as Russian, then Ukrainian, then as a foreign name."""
    for sign, alphabets in _LANGUAGES:
        if sign.search(word):
            return one_by_one([alphabet.romanisations(word, 5 if len(alphabets) == 1 else 3) for alphabet in alphabets])
    if _EASTERN.search(word):
        likely = _RUSSIAN.romanisations(word, 4)
        return tuple(dict.fromkeys((*likely[:3], *_GERMAN.romanisations(word, 1), *likely[3:])))
    return one_by_one([_RUSSIAN.romanisations(word, 3), _FOREIGN.romanisations(word, 3)])


_EASTERN = re.compile("([оеё]в|ин|ын|[оеи]вич|[оеи]вна|[ое]ва|ина|ский|ская|цкий|цкая|енко|чук|юк|як|ов|дзе|швили|ян)$")
"""Endings of surnames and patronymics of Eastern Europe and the Caucasus."""
