"""Scripts that write their vowels and need one table each."""

from __future__ import annotations

from services.intake.matching.scripts.latin import unaccented
from services.intake.matching.scripts.ways import Alphabet, one_by_one

_GREEK = Alphabet(
    # ELOT 743 / ISO 843, and how Greek names are written abroad.
    "α=a β=v,b:1.5 γ=g,y:2,gh:2.5 δ=d,dh:3 ε=e ζ=z η=i,e:1.5 θ=th,t:2 ι=i κ=k,c:2 λ=l μ=m ν=n ξ=x,ks:1 ο=o "
    "π=p ρ=r σ=s ς=s τ=t υ=y:.2,i:.5,u:2 φ=f,ph:.7 "
    "χ=ch:.4,h:.6,kh:1 ψ=ps ω=o ου=ou:.3,u:.4 αι=e:.6,ai:.4 ει=i:.4,ei:.5 οι=i:.6,oi:.4 υι=i,yi:1 "
    "αυ=av:.4,au:.9,af:.9 ευ=ev:.4,eu:.6,ef:.8 ηυ=iv "
    "γγ=ng,gg:1 γκ=gk:.6,g:.4,ng:1 ^γκ=g,gk:1 γχ=nch ντ=nt:.4,d:.6 ^ντ=d,nt:1 μπ=b:.6,mp:.4 ^μπ=b,mp:1 "
    "τζ=tz,dz:1.5,j:1.5 τσ=ts γι=gi,yi:1 "
    "για=gia:.4,ya:.5 γιω=gio:.4,yo:.6 γιο=gio,yo:1"
)
_GEORGIAN = Alphabet(
    # National system of 2002, and BGN/PCGN of 1981.
    "ა=a ბ=b გ=g დ=d ე=e ვ=v ზ=z თ=t ი=i კ=k ლ=l მ=m ნ=n ო=o პ=p ჟ=zh,j:1 რ=r ს=s ტ=t უ=u ფ=p,ph:2,f:2.5 "
    "ქ=k,q:1.5 ღ=gh,g:1.5 ყ=q:.3,k:.6 შ=sh ჩ=ch ც=ts,c:2 "
    "ძ=dz წ=ts,c:2 ჭ=ch ხ=kh,h:1.5 ჯ=j ჰ=h ჲ=y ჳ=v ჴ=q"
)
_ARMENIAN = Alphabet(
    # BGN/PCGN of 1981 (Eastern).
    "ա=a բ=b գ=g դ=d ե=e ^ե=ye:.3,e:.5 զ=z է=e ը=y,e:1 ^ը=y,e:.5 թ=t,th:2 ժ=zh,j:2 ի=i լ=l խ=kh,h:2 "
    "ծ=ts,tz:2 կ=k հ=h ձ=dz,ts:2 ղ=gh,l:2 ճ=ch,j:2 մ=m յ=y,h:3 նյ=ny "
    "ն=n շ=sh ո=o ^ո=vo:.4,o:.5 չ=ch պ=p ջ=j ռ=r ս=s վ=v տ=t ր=r ց=ts,tz:2 ւ=v,u:2 ու=u,ou:1.5 փ=p,ph:2 "
    "ք=k,q:2 և=ev,yev:2 եւ=ev,yev:2 օ=o ֆ=f այ=ay,ai:1 յան$=yan,ian:.4 իա=ia "
    "իկ=ik յու=yu,iu:1 իւ=yu,iu:1 եա=ya,ia:.6 եան$=ian:.2,yan:.3"
)
_WESTERN_ARMENIAN = Alphabet(
    "բ=p պ=b գ=k,g:2 կ=g,k:2 դ=t տ=d,t:2 ձ=ts ծ=dz ճ=j ջ=ch թ=t եան$=ian յան$=ian խ=kh", _ARMENIAN
)
_RUSSIFIED_ARMENIAN = Alphabet(
    # As Soviet documents wrote them in Russian letters, which have no h: Akopyan, Arutyunyan, Oganesyan, Kazaryan.
    "հ=-,g:1.5 ղ=g,k:.6 խ=kh,h:1.5 յան$=yan,ian:1 թ=t փ=p ք=k ց=ts ծ=ts ձ=dz եւ=ev և=ev ^ե=e,ye:1 "
    "^ո=o,vo:1 հովհաննե=ogane հովհաննի=ogane հովհան=ogan",
    _ARMENIAN,
)
_THAANA = Alphabet(
    # Maldivian government's romanisation (Malé Latin).
    "ހ=h ށ=sh ނ=n ރ=r ބ=b ޅ=l ކ=k އ=- ވ=v މ=m ފ=f ދ=dh,d:.6 ތ=th,t:.6 ލ=l ގ=g ޏ=gn ސ=s ޑ=d ޒ=z ޓ=t ޔ=y ޕ=p "
    "ޖ=j ޗ=ch ޘ=th,s:1 ޙ=h ޚ=kh ޛ=dh,z:1 ޜ=z ޝ=sh ޞ=s ޟ=dh,z:1 ޠ=t "
    "ޡ=z ޢ=- ޣ=gh ޤ=q ޥ=w ަ=a ާ=aa,a:.3 ި=i ީ=ee,i:.4 ު=u ޫ=oo,u:.4 ެ=e ޭ=ey,e:.6 ޮ=o ޯ=oa,o:.4 ް=- "
    "އް=h,-:.5 ށް=h,sh:1"
)
_ADLAM = Alphabet(
    # Fula: Unicode's names of letters; implosives as they are written without hooks.
    "𞤢=a 𞤣=d 𞤤=l 𞤥=m 𞤦=b 𞤧=s 𞤨=p 𞤩=b 𞤪=r 𞤫=e 𞤬=f 𞤭=i 𞤮=o 𞤯=d 𞤰=y 𞤱=w,ou:2 𞤲=n 𞤳=k 𞤴=y 𞤵=u,ou:.5 "
    "𞤶=j,dj:1,di:2 𞤷=c,tch:1,ch:1,th:2 𞤸=h 𞤹=q 𞤺=g 𞤻=ny 𞤼=t 𞤽=ng 𞤾=v 𞤿=kh 𞥀=gb 𞥁=z 𞥂=kp 𞥃=sh"
)
_NKO = Alphabet(
    # Manding: Unicode's names of letters, and French habits.
    "ߊ=a ߋ=e ߌ=i ߍ=e ߎ=u,ou:.3 ߏ=o ߐ=o ߒ=n ߓ=b ߔ=p ߕ=t ߖ=j,dj:1,di:2 ߗ=c,tch:1,ch:1,ti:2 ߘ=d ߙ=r ߚ=rr ߛ=s "
    "ߜ=gb ߝ=f ߞ=k ߟ=l ߠ=n ߡ=m ߢ=ny,gn:1 ߣ=n ߤ=h ߥ=w,ou:2 ߦ=y ߧ=nw"
)
_TIFINAGH = Alphabet(
    # IRCAM's alphabet; Maghrebi spellings.
    "ⴰ=a ⴱ=b ⴲ=b ⴳ=g ⴴ=g ⴵ=j,dj:1 ⴶ=j ⴷ=d ⴸ=d ⴹ=d ⴺ=d ⴻ=e ⴼ=f ⴽ=k ⴾ=k ⴿ=k ⵀ=h ⵁ=h ⵂ=h ⵃ=h ⵄ=- ⵅ=kh ⵆ=kh "
    "ⵇ=q,k:1 ⵈ=q ⵉ=i ⵊ=j ⵋ=j ⵌ=j ⵍ=l ⵎ=m ⵏ=n ⵐ=n,gn:1 "
    "ⵓ=u,ou:.3 ⵔ=r ⵕ=r ⵖ=gh,r:1.5 ⵗ=gh ⵙ=s ⵚ=s ⵛ=sh,ch:.3 ⵜ=t ⵝ=t ⵟ=t ⵠ=v ⵡ=w,ou:1 ⵢ=y ⵣ=z ⵤ=z ⵥ=z ⵯ=w"
)
_HANIFI = Alphabet(
    # Hanifi Rohingya: Unicode's names of letters; marks of tone are not written.
    "𐴀=a 𐴁=b 𐴂=p 𐴃=t 𐴄=t 𐴅=j 𐴆=c,ch:.3 𐴇=h 𐴈=kh,k:1 𐴉=f 𐴊=d 𐴋=d 𐴌=r 𐴍=r 𐴎=z 𐴏=s 𐴐=sh 𐴑=k 𐴒=g 𐴓=l 𐴔=m 𐴕=n "
    "𐴖=w,u:1 𐴗=w 𐴘=y,i:1 𐴙=y 𐴚=ng 𐴛=ny 𐴜=v 𐴝=a 𐴞=i 𐴟=u 𐴠=e 𐴡=o 𐴣=n"
)
_ALPHABETS = {
    "Grek": (_GREEK,),
    "Geor": (_GEORGIAN,),
    "Armn": (_ARMENIAN, _WESTERN_ARMENIAN, _RUSSIFIED_ARMENIAN),
    "Thaa": (_THAANA,),
    "Adlm": (_ADLAM,),
    "Nkoo": (_NKO,),
    "Tfng": (_TIFINAGH,),
    "Rohg": (_HANIFI,),
}
SCRIPTS = frozenset(_ALPHABETS)


def romanisations(word: str, script: str) -> tuple[str, ...]:
    """Of a word in one of `SCRIPTS`."""
    plain = unaccented(word) if script == "Grek" else word
    alphabets = _ALPHABETS[script]
    return one_by_one([alphabet.romanisations(plain, 5 if len(alphabets) == 1 else 2) for alphabet in alphabets])
