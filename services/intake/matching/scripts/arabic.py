"""Names in Arabic letters: Arabic, Persian and Dari, Urdu, Pashto, Kurdish, as registrars spell them in English and
French letters.

Short vowels are not written. Which one is heard follows from the shape of the word (Wehr, *Dictionary of Modern
Written Arabic*, introduction; BGN/PCGN systems for Arabic 1956, Persian 1958, Pashto 1968, Urdu 2007, Kurdish 2007);
the commonest given names, whose vowels no rule gives, are listed.
"""

from __future__ import annotations

import re

from services.intake.matching.scripts.abjad import Heard, Vowels, with_vowels
from services.intake.matching.scripts.ways import Alphabet, Ways, likeliest, one_by_one, table, ways

_VOWELS = Vowels(
    first=ways("a,e:1.4,u:1.7,i:1.8,o:2.2"),
    before_last=ways("a:.1,e:1,i:1.4,u:1.9,-:2.2"),
    in_three=ways("a:.2,-:.8,e:1.2,i:1.6,u:2"),
    after_long=ways("i:.2,e:.6,a:1.8"),
    after_long_before_i=ways("i:.4,e:.5,-:.5"),
    between=ways("-:.1,a:1.5,i:1.9,e:1.9,u:2.2"),
    inserted=ways("-:.8,a:.4,e:1.1,i:1.4,u:2"),
)
_MU = ways("u:.3,a:.6,o:1.1,e:1.6")
"""After the م that begins a participle: *Mujahid*, *Muslim*."""
_CLUSTER = ways("a:.1,e:1.3,-:1.6,i:1.7,u:1.7,o:2.2")
"""Between two consonants that names from elsewhere begin with: *Brahim*, *Stephan*."""
_CLUSTERS = frozenset(a + b for a in "بپتدكگقفجغڤ" for b in "رل") | {
    "سل",
    "سم",
    "ست",
    "سب",
    "سك",
    "شت",
    "شر",
    "شم",
    "تر",
}
_CONSONANTS = table(
    "ب=b ت=t ث=th:.2,s:1,t:1.4 ج=j:.2,g:1.2,dj:2 ح=h خ=kh:.2,h:1.7,k:1.8 د=d ذ=dh:.5,z:.5,d:1.2 ر=r ز=z "
    "س=s ش=sh:.2,ch:1.6 ص=s ض=d:.3,dh:1.5,z:1.5 ط=t ظ=z:.4,dh:.7,d:2 "
    "ع=- غ=gh:.2,g:1.1 ف=f ق=q:.3,k:.5,g:2.2 ك=k ل=l م=m ن=n ه=h ة=h پ=p چ=ch ژ=zh:.3,j:.8 گ=g ڤ=v ڥ=v ڨ=g "
    "ݣ=g ڭ=g,ng:1 ڠ=ng "
    "ټ=t ٹ=t:.1,tt:1 ډ=d ڈ=d ړ=r ڑ=r ښ=sh:.4,kh:.6,x:1.5 ږ=zh:.5,g:.6 ڼ=n ځ=z:.5,dz:.6,j:1.5 څ=ts:.4,s:.7,ch:1.5 "
    "ڵ=l ڕ=r ں=n ڃ=j ڄ=j ٻ=b ڀ=bh ٺ=th ٽ=t ڦ=ph ڳ=g ڱ=ng ڊ=d ڌ=dh ڍ=dh ڙ=r ڇ=ch ٿ=th ۋ=v,w:1 "
    "تش=ch:.4,tch:1.5,tash:2 نگ=ng "
    # Aspirates of Urdu, where another letter of the word shows the language.
    "به=bh په=ph ته=th ٹه=th:.3,tth:.8 جه=jh چه=chh:.5,ch:.4 ده=dh ڈه=dh ڑه=rh:.4,r:.6 كه=kh گه=gh"
)
_LONG = table(
    "ا=a:0,aa:2.6 ى=a:.1,i:.8 ۇ=u ۆ=o ۈ=u ە=e:.3,a:.4 ې=e:.3,i:.8,ai:1.5 ێ=e ے=e:.3,ay:.6,i:1 ۍ=ai:.4,ay:.5,i:1 ۓ=e"
)
_INITIAL_ALIF = ways("a:.1,e:1.2,i:1.2,u:1.8,o:1.8")
_NOTHING = ways("-")
_AYN = ways("a:.1,o:1,i:1.6,u:1.6,e:1.6")
_GLIDES = {
    "و": (
        ways("w:.1,v:1.1,ou:2.4"),
        ways("u:.1,o:.6,ou:1.2,oo:1.4,aw:1.8"),
        ways("u:.2,aw:.6,o:.5,ou:1.2,oo:1.5"),
        ways("wu:.5,w:.7,ou:.7,o:1,u:1"),
        ways("o:.4,u:.7,aw:.8,au:1,ou:1.2"),
    ),
    "ي": (
        ways("y:.1,i:2"),
        ways("i:.1,e:1.1,ee:1.5,ei:1.5,ay:1.7"),
        ways("i:.2,ay:.6,ei:.8,ai:.9,e:1.1,ee:1.6"),
        ways("i:.3,y:.8,ye:.9,yi:1.4"),
        ways("i:.4,ai:.8,ay:.8,e:.9,ey:1.5"),
    ),
}
"""As a consonant, as a vowel, in a short word that may have a diphthong, after a long *a*, after an initial alif."""
_ENDINGS = tuple(
    (re.compile(ending + "$"), known)
    for ending, known in table(
        "الله=allah:.2,ullah:.3,ollah:1,ulla:1.2 الدين=uddin:.2,eddin:.4,aldin:.7,eddine:.9,odin:1.5 "
        "اوي=awi:.2,aoui:1,awy:1.7,avi:1.5 اوى=awi:.3,awa:.8 ي[هة]=iya:.2,ia:.5,iyah:1.3,ieh:1.3,iye:1.5 "
        "وي=awi:.4,wi:.9,oui:1,uy:1.5,avi:1.2,oy:1.4 ا[هة]=a:.4,ah:.4,at:1.2 "
        "[هة]=a:.1,ah:.8,eh:1.1,e:1.4,at:2 اي=ai:.2,ay:.5 يي=i ي=i:.1,y:1.4,ee:2,e:2.6 و=u:.3,o:.3,ou:1.2 "
        "ى=a:.2,i:.8"
    ).items()
)
_FOREIGN = table(
    # A Western name taken back: Arabic has no p, v, g, e or o.
    "ب=p:.2,b:.3 ف=v:.2,f:.3 غ=g ج=g:.3,j:.4 ق=k,c:1 ك=c:.3,k:.3 خ=ch:.3,kh:.6,j:1 ش=sh:.2,ch:.4,sch:1 "
    "ث=th ذ=th:.3,dh:1 س=s:.1,c:1.6,z:2 ز=z:.2,s:.8"
)
_FOREIGN_AT_START = {"ف": ways("f:.2,v:.5")}
_FOREIGN_GLIDES = {
    "وي": ways("ui:.4,oui:.6,we:.6,oy:.8,wi:.8"),
    "و": ways("o:.1,u:.6,au:1.4,w:1.8"),
    "ي": ways("e:.2,i:.3,y:1,ay:1.6,ea:1.8"),
}
_FOREIGN_VOWELS = Vowels(
    first=ways("e:.3,a:.3,-:1,i:1"),
    before_last=ways("e:.2,a:.5,-:.8,i:1"),
    in_three=ways("-:.1,e:.9,a:1"),
    after_long=ways("-:.3,e:.5"),
    after_long_before_i=ways("-,e:1.5,i:1.5"),
    between=ways("-,e:1.5,a:1.8"),
    inserted=ways("-:.1,e:1,a:1.4"),
)
_COMMON = table(
    "محمد=mohammed:.1,muhammad:.2,mohamed:.3,mohammad:.4,mehmet:3 احمد=ahmed:.1,ahmad:.2 "
    "محمود=mahmoud,mahmud:.4,mahmood:.6 حمد=hamad,hamed:1 عبد=abd,abdul:.5,abdel:.6 "
    "عبدال=abdul:.1,abdel:.3,abd:.8,abdal:.9 الله=allah,ullah:.4,lah:1 "
    "عبدالله=abdullah,abdallah:.3,abdulla:1 علي=ali,aly:1 على=ali عمر=omar,umar:.6,omer:1,amr:2 "
    "عمرو=amr,amro:.5 عثمان=othman:.3,osman:.4,uthman:.5,usman:.7 حسن=hassan,hasan:.3 "
    "حسين=hussein:.1,hussain:.2,husayn:.6,hossein:.6,houssein:1 "
    "يوسف=yousef:.3,yusuf:.3,youssef:.4,yousuf:.6,joseph:2 ابراهيم=ibrahim,ebrahim:1,brahim:1.2 "
    "اسماعيل=ismail,ismael:.8,esmail:1 اسمعيل=ismail اسحاق=ishaq:.3,ishak:.6,isaac:1.5 "
    "ادريس=idris,idriss:.6,driss:1 مصطفى=mustafa,mostafa:.4,moustafa:.8,mustapha:.8 "
    "مصطفي=mustafa,mostafa:.4 "
    "فاطمة=fatima,fatma:.5,fatemeh:1,fatimah:.8 فاطمه=fatima,fatemeh:.4,fatma:.6 عائشة=aisha "
    "عايشة=aisha:.2,aicha:.5,ayesha:.5,aysha:.6 عايشه=aisha,ayesha:.5,aysha:.6 خديجة=khadija,khadijah:.8 "
    "مريم=maryam:.2,mariam:.3,meryem:1.2,miriam:1.2 زينب=zainab:.2,zeinab:.3,zaynab:.6,zeynab:.8 "
    "هدى=huda,hoda:.4 هدي=huda,hoda:.4 ليلى=layla:.2,laila:.2,leila:.4 ليلي=layla,laila:.2,leila:.4 "
    "سلمى=salma عيسى=issa,isa:.4,eissa:1 عيسي=issa,isa:.4 موسى=mousa:.3,musa:.2,moussa:.4 "
    "موسي=musa,mousa:.2 يحيى=yahya,yehia:1 يحيي=yahya يحي=yahya منى=mona,muna:.4 "
    "نور=nour:.2,noor:.2,nur:.4 نورا=noura,nora:.4 هشام=hisham,hicham:.6 كمال=kamal,kemal:1 "
    "جمال=jamal,gamal:.4,djamal:1 سعيد=saeed:.3,said:.2,saied:1 سعد=saad,sad:1 خالد=khaled,khalid:.2 "
    "طارق=tariq:.2,tarek:.3,tareq:.4,tarik:.8 رشيد=rashid,rachid:.4,rasheed:.5 "
    "عبدو=abdo,abdou:.3 ابو=abu,abou:.6,abo:.6 بن=bin:.2,ben:.3,ibn:.6 ابن=ibn,bin:.6 بنت=bint,bent:1 "
    "ام=umm,um:.3,om:.6 ال=al,el:.3,ul:2 آل=al بو=bu,bou:.3,bo:.8 ولد=ould:.4,walad:.4,wuld:.8 "
    "ذو=dhu,zu:.4 دين=din:.2,deen:.4,dine:.8,eddine:1.5 شيخ=sheikh:.2,shaikh:.3,cheikh:.8 "
    "منير=munir,mounir:.3,moneer:.8 عماد=imad,emad:.3 ايمان=iman,eman:.3 اسلام=islam,eslam:.6 "
    "اسامة=osama,usama:.4,oussama:.6 اسامه=osama,usama:.4 انس=anas حمزة=hamza حمزه=hamza "
    "بلال=bilal,belal:.6 ياسين=yassin:.2,yasin:.2,yassine:.5 ياسر=yasser,yasir:.4,yaser:.6 "
    "امنة=amina,amna:.2 امينة=amina هبة=hiba,heba:.2 دعا=doaa,dua:.4 رضا=reza:.4,rida:.3,reda:.5 "
    "مهدي=mahdi,mehdi:.3 جعفر=jafar,jaafar:.3,jaffar:.8 كريم=karim,kareem:.4 رحيم=rahim,raheem:.6 "
    "قاسم=qasim:.3,qassem:.4,kassem:.6,kasim:.8 مسلم=muslim,moslem:.6,musallam:1 "
    "سليمان=sulaiman:.3,suleiman:.2,soleiman:.5,sulayman:.8 سلمان=salman عباس=abbas "
    "حيدر=haider:.2,haidar:.3,haydar:.5 سيد=sayed:.3,sayyid:.4,syed:.4,said:1.5 "
    "شريف=sharif,sherif:.4,cherif:.6 خان=khan جان=jan گل=gul حسنى=hosni حسني=hosni,husni:.3 بشار=bashar "
    "غلام=ghulam,gholam:.3 "
    "اسد=asad,assad:.3 بكر=bakr,baker:.5,bakar:1 زهرا=zahra زهرة=zahra زهره=zahra,zohreh:.5 "
    "صالح=saleh,salih:.4,salah:1.5 صلاح=salah علا=alaa,ala:.3 ضيا=diaa,zia:.4 بها=bahaa ثنا=sanaa "
    "سنا=sanaa هنا=hana رجا=raja وفا=wafa اسما=asma,asmaa:.2 شيما=shaima,shaimaa:.2 "
    "امير=amir,ameer:.6 نبي=nabi داد=dad زاده=zadeh:.2,zada:.3 زى=zai,zay:.8 "
    "زي=zai,zay:.8 "
    "پور=pour:.3,pur:.4 نژاد=nejad:.3,nezhad:.6 شاه=shah يار=yar الحق=ulhaq:.3,alhaq:.5 "
    "محي=mohi:.4,muhi:.4 "
    "مجاهد=mujahid,mojahed:.5 مجيد=majid,majeed:.4 جهاد=jihad شهاب=shihab,shahab:.4 نعيمة=naima "
    "نعيم=naeem:.3,naim:.3 وليد=walid,waleed:.3,oualid:1 لطيف=latif عزيز=aziz عزيزة=aziza "
    "منصور=mansour,mansoor:.4,mansur:.4 كاظم=kazem:.3,kadhim:.3,kazim:.4 مقداد=miqdad نذير=nazir,nadhir:.5 "
)
"""Given names and parts of names that every registry has."""
_FULL_VOWELS = re.compile("[ەێۆۇۈېڕڵ]|وو|[\u0628-\u064a]ى[\u0628-\u064a]")
_SORANI = Alphabet(
    "ا=a ب=b پ=p ت=t ج=j,c:1.5 چ=ch ح=h خ=kh:.2,x:1 د=d ر=r ڕ=r ز=z ژ=zh:.3,j:.6 س=s ش=sh ع=- غ=gh ف=f ڤ=v "
    "ق=q:.2,k:.7 ك=k گ=g ل=l ڵ=l م=m ن=n ه=h ە=a:.3,e:.3 و=u:.4,w:.4,o:1 وو=u:.2,oo:.6,ou:.8 وا=wa "
    "وە=wa,we:.4 ۆ=o ۇ=u ۈ=u,o:1.5 ۋ=v,w:.8 "
    "ي=i:.2,y:.6 يا=ya یە=ya ێ=e ې=e,i:1 ى=i ڭ=ng ص=s ط=t ث=s ذ=z ض=z ظ=z ئ=- "
)


def romanisations(word: str) -> tuple[str, ...]:
    """The listed ones; by the alphabet, where vowels are written (Kurdish, Uyghur); else by the shape of the word."""
    if word in _COMMON:
        return likeliest([_COMMON[word]])
    if _FULL_VOWELS.search(word):
        return _SORANI.romanisations(word)
    both = _two_names(word)
    if both:
        return likeliest([_COMMON[name] for name in both])
    if word.startswith("عبد") and len(word) > 5:
        return likeliest(
            [
                _COMMON["عبدال" if word.startswith("عبدال") else "عبد"],
                *_slots(word.removeprefix("عبد").removeprefix("ال")),
            ]
        )
    if word.startswith("ذوال") and len(word) > 5:
        return likeliest([_POSSESSOR, *_slots(word[4:])])
    if word.startswith("ال") and len(word) > 4:
        return likeliest([(("al", 0.0), ("el", 0.6), ("", 0.8)), *_slots(word[2:])])
    if _FROM_ELSEWHERE.search(word):
        return one_by_one([likeliest(_slots(word), 3), likeliest(_foreign(word), 3)])
    return likeliest(_slots(word))


_POSSESSOR = ways("zul:.2,dhul:.4,zol:.6,zoul:1")
"""*He of the …*: *Zulfiqar*, *Dhulnun*."""


def _two_names(word: str) -> tuple[str, str] | None:
    """Two common names that are written as one, as Persians and Afghans do: *Gholamreza*, *Mohammadali*."""
    for at in range(len(word) - 2, 2, -1):
        if word[:at] in _COMMON and word[at:] in _COMMON and word[:at] not in _PREFIXES:
            return word[:at], word[at:]
    return None


_PREFIXES = frozenset({"ابو", "ولد", "بنت", "عبد", "عبدال", "ابن"})
_FROM_ELSEWHERE = re.compile("(?:[اويى].*){3}|تش|و$|.{7}|ڤ|وف$")
"""More vowels, or more letters, than a root with its affixes has."""


def _slots(word: str) -> list[Ways]:
    if word in _COMMON:
        return [_COMMON[word]]
    stem, ending, begins = _parted(word)
    slots = with_vowels(_heard(stem), _VOWELS, begins)
    return _as_participle(stem, slots) + ([ending] if ending else [])


def _parted(word: str) -> tuple[str, Ways | None, str]:
    """(the stem, the ways of its ending, how the ending begins)."""
    if len(word) > 2:
        for ending, known in _ENDINGS:
            if found := ending.search(word):
                if len(found[0]) == 1 and word[-2] in "اى":
                    break
                return word[: found.start()], known, found[0][0]
    return word, None, ""


def _as_participle(stem: str, slots: list[Ways]) -> list[Ways]:
    """The first vowel of a word that begins with م and two consonants, or with a cluster."""
    if len(slots) > 1 and slots[1] is _VOWELS.first:
        if stem[:1] == "م" and len(stem) > 3 and not any(letter in "وي" for letter in stem[1:3]) and stem[3] != "و":
            return [slots[0], _MU, *slots[2:]]
        if stem[:2] in _CLUSTERS and stem[2:3] in _WRITTEN_VOWELS:
            return [slots[0], _CLUSTER, *slots[2:]]
        if stem[0] == "ع":
            return [_AYN, *slots[2:]]
    return slots


def _heard(stem: str) -> list[Heard]:
    found: list[Heard] = []
    urdu = not _URDU.isdisjoint(stem)
    at = 0
    while at < len(stem):
        two = stem[at : at + 2]
        letter = two if two in {"تش", "نگ"} or (urdu and two in _CONSONANTS) else stem[at]
        if at == 1 and found and _DIMINUTIVE.match(stem):
            letter = "وي"
            found.append(Heard(letter, _WAY, vowel=True))
        elif letter in _GLIDES:
            found.append(_glide(stem, at, found))
        elif letter == "ا" and at == 0:
            if not (stem[1:2] in _GLIDES and stem[2:3] not in {"", "ا"}):
                found.append(Heard(letter, _INITIAL_ALIF, vowel=True))
        elif letter in _LONG:
            found.append(Heard(letter, _LONG[letter], vowel=True))
        elif letter in _CONSONANTS:
            found.append(Heard(letter, _CONSONANTS[letter]))
        at += len(letter)
    return found


_URDU = frozenset("ٹڈڑںے")
_DIMINUTIVE = re.compile("[^اعوي]وي[^اويىةە]")
_WAY = ways("uwai:.3,uway:.6,awi:.6,owei:.7,ouei:.9,wi:.9,oui:1.1")


def _glide(stem: str, at: int, found: list[Heard]) -> Heard:
    """و or ي: a consonant at the start and before a vowel, a vowel between consonants."""
    letter, following = stem[at], stem[at + 1 : at + 2]
    consonant, vowel, diphthong, after_a, initial = _GLIDES[letter]
    if (at == 0) or (
        following and (following in _LONG or following == "ة" or (following in _GLIDES and following != letter))
    ):
        return Heard(letter, consonant)
    if at == 1 and not found:
        return Heard(letter, initial, vowel=True)
    if found and found[-1].vowel:
        if found[-1].letter == letter:
            return Heard(letter, _NOTHING, vowel=True)
        return Heard(letter, after_a, vowel=True) if found[-1].letter == "ا" and following else Heard(letter, consonant)
    short = at == 1 and len(stem) - at <= 4 and bool(following)
    return Heard(letter, diphthong if short else vowel, vowel=True)


def _foreign(word: str) -> list[Ways]:
    """As a name from elsewhere."""
    letters = _heard(_NG.sub("نگ", word))
    slots = with_vowels([_as_foreign(heard, at) for at, heard in enumerate(letters)], _FOREIGN_VOWELS)
    if word[:2] in _CLUSTERS and word[2:3] in _WRITTEN_VOWELS and len(slots) > 1 and slots[1] is _FOREIGN_VOWELS.first:
        slots[1] = _FOREIGN_CLUSTER
    return slots


def _as_foreign(heard: Heard, at: int) -> Heard:
    known = _FOREIGN_GLIDES if heard.vowel else _FOREIGN_AT_START if at == 0 else _FOREIGN
    return Heard(heard.letter, known.get(heard.letter) or _FOREIGN.get(heard.letter, heard.ways), heard.vowel)


_WRITTEN_VOWELS = frozenset("اويى")
_NG = re.compile("ن[جغ](?=.?$)")
_FOREIGN_CLUSTER = ways("-:.1,a:1,e:1.2")
