"""Korean names, syllable by syllable: Revised Romanization (2000), McCune–Reischauer (1939), and how families spell
themselves; foreign names in Hangul are taken back to what they stand for (NIKL, rules for loanwords).
"""

from __future__ import annotations

import re

from services.intake.matching.scripts.ways import Ways, likeliest, one_by_one, table, ways, words

SURNAMES = table(
    "김=kim,gim:3 이=lee,yi:1.5,i:2.5,rhee:2.5 박=park,pak:1.2,bak:3 최=choi,choe:1 "
    "정=jung:.3,jeong:.4,chung:.8,chong:2 강=kang,gang:2 조=cho:.2,jo:.5 윤=yoon:.4,yun:.3 "
    "장=jang:.2,chang:.6 임=lim:.4,im:.6,rim:1.5 림=lim,rim:.5 한=han 오=oh:.3,o:.6 서=seo:.2,suh:.8,so:2 "
    "신=shin:.2,sin:.8 권=kwon,gwon:1.5 황=hwang 안=ahn:.4,an:.4 송=song 류=ryu:.3,ryoo:1.5,lyu:2 "
    "유=yoo:.4,yu:.3,ryu:1.5 전=jeon:.4,jun:.6,chun:1,chon:2 홍=hong 고=ko:.2,go:.6,koh:1 문=moon:.3,mun:.5 "
    "양=yang 손=son:.2,sohn:.9 배=bae:.2,pae:1 백=baek:.3,paik:.8,paek:1 허=heo:.4,hur:.5,huh:.6,ho:2 "
    "남=nam 심=shim:.3,sim:.5 노=noh:.4,no:.6,roh:.6 로=roh,ro:.6 하=ha 곽=kwak,gwak:1.5 성=sung:.4,seong:.4 "
    "차=cha 주=joo:.4,ju:.3,chu:1.2 우=woo:.2,wu:1.5,u:1.5 구=koo:.4,gu:.5,ku:.6 민=min 진=jin:.2,chin:1 "
    "지=ji:.2,chi:1 "
    "엄=um:.4,eom:.5 채=chae 원=won 천=cheon:.3,chun:.5 방=bang:.2,pang:1 공=kong:.3,gong:.4 현=hyun:.3,hyeon:.5 "
    "함=ham 변=byun:.4,byeon:.4,pyon:1.5 염=yeom:.4,yum:.6 여=yeo:.3,yuh:1.5 추=choo:.5,chu:.3 도=do:.3,to:1 "
    "소=so 석=seok:.4,suk:.5 선=sun:.4,seon:.4 설=seol:.3,sul:.8 마=ma 길=gil:.4,kil:.4 연=yeon:.3,yun:1 "
    "위=wi:.3,wee:.9 표=pyo 명=myung:.4,myeong:.4 기=ki:.3,gi:.5 반=ban:.3,pan:1 라=ra,la:1 나=na,ra:1.5 왕=wang "
    "금=keum:.5,geum:.5 "
    "옥=ok 육=yook:.5,yuk:.5 인=in 맹=maeng 제=je:.3,jae:1 모=mo 탁=tak 국=kook:.4,guk:.5 어=eo,uh:1 은=eun "
    "편=pyun,pyeon:.4 용=yong 예=ye 경=kyung:.4,kyeong:.8,gyeong:.5 봉=bong 사=sa 부=boo:.4,bu:.4 가=ka,ga:.4 "
    "복=bok 태=tae 목=mok 형=hyung "
    "피=pi 두=doo,du:.4 감=kam,gam:.5 호=ho 빈=bin 동=dong 온=on 승=seung 간=kan,gan:.6 상=sang 시=si 갈=gal,kal:.6 "
    "단=dan 견=kyun,gyeon:.4 당=dang 화=hwa 창=chang "
    "남궁=namgung,namkung:.3,namgoong:.5 황보=hwangbo 제갈=jegal,chegal:1 사공=sagong,sakong:.6 "
    "선우=sunwoo:.3,seonu:.6 서문=seomun 독고=dokgo,dokko:.5 동방=dongbang 망절=mangjeol 어금=eogeum"
)
"""Surnames → as families spell them."""
_INITIALS = tuple(
    map(
        ways,
        words(
            "g:.7,k:.2 kk n d t r:.4,l:.9 m b:.4,p:1.5 pp:.6,b:.6 s:.2,sh:3 ss:.5,s:.4 - j:.2,ch:1.2 "
            "jj:.5,j:.6 ch k t p h"
        ),
    )
)
_VOWELS = tuple(
    map(
        ways,
        words(
            "a ae ya yae eo:.4,u:.7,o:1.6 e yeo:.5,you:1.2,yu:1 ye o wa wae oe:.5,oi:.8 yo u:.4,oo:.4 wo we "
            "wi:.4,wee:1 yu:.3,yoo:.6 eu,u:1.5 ui:.5,ee:.6 i,ee:2"
        ),
    )
)
_FINALS = words("- k k k n n n t l k m l l l p l m p p t t ng t t k t p t")
_FINAL_WAYS: tuple[Ways, ...] = tuple((("" if final == "-" else final, 0.0),) for final in _FINALS)
_GIVEN = table(
    "영=young:.4,yeong:.6,yong:1.5 우=woo:.3,u:.9,wu:1.5 준=jun:.3,joon:.5,chun:2 은=eun:.2,un:1.5 "
    "경=kyung:.3,gyeong:.6,kyeong:1,kyong:1.5 수=soo:.4,su:.3 희=hee:.2,hui:.9,hi:1.5 혜=hye:.1,hae:2 "
    "정=jung:.3,jeong:.3,chung:1.2,jong:1.5 "
    "성=sung:.4,seong:.4,song:2 철=chul:.3,cheol:.4,chol:1.5 훈=hoon:.3,hun:.4 주=joo:.4,ju:.2,chu:2 "
    "선=sun:.4,seon:.4,son:2 연=yeon:.3,youn:1,yun:1 현=hyun:.2,hyeon:.5,hyon:1.5 아=ah:.5,a:.4 진=jin,chin:2 "
    "상=sang 석=seok:.3,suk:.6,sok:2 "
    "숙=sook:.5,suk:.4 순=soon:.4,sun:.4 병=byung:.3,byeong:.5,pyong:2 명=myung:.3,myeong:.4 "
    "형=hyung:.3,hyeong:.6 기=ki:.2,gi:.4,kee:2 규=kyu:.2,gyu:.5 광=kwang:.2,gwang:.6 국=kook:.4,guk:.5,kuk:.8 "
    "구=koo:.5,gu:.3,ku:.8 권=kwon 근=keun:.4,geun:.3 길=gil:.3,kil:.4 "
    "건=gun:.4,geon:.3,keon:.8,kun:1 문=moon:.4,mun:.4 범=bum:.4,beom:.3 섭=sub:.5,seop:.3,sup:.6 "
    "식=sik:.3,shik:.5 신=shin:.2,sin:.5 시=si:.3,shi:.5 승=seung:.1,sung:1.2 재=jae:.1,chae:2 "
    "종=jong:.2,chong:1.5 중=joong:.4,jung:.3,chung:1.5 지=ji:.1,jee:1,chi:2 찬=chan 창=chang "
    "춘=choon:.5,chun:.3 "
    "태=tae 택=taek 하=ha 한=han 호=ho 화=hwa 환=hwan 효=hyo 희=hee:.2,hui:.9 후=hoo:.6,hu:.3 인=in 일=il "
    "윤=yoon:.4,yun:.3 유=yoo:.4,yu:.3 용=yong:.2,young:1 예=ye 원=won 옥=ok 여=yeo 언=eon:.4,un:.6,on:1 "
    "열=yeol:.3,yul:.6 엽=yeop:.4,yup:.6 웅=woong:.4,ung:.5 율=yul:.4,yool:.9 "
    "미=mi,mee:1.5 민=min 보=bo 복=bok 빈=bin 서=seo:.2,suh:1.5 소=so 슬=seul 아=ah:.4,a:.3 애=ae 란=ran 례=rye "
    "림=rim:.4,lim:.5 라=ra 리=ri:.4,ree:1.5,lee:1.5 람=ram 욱=wook:.3,uk:.5,ook:1 운=woon:.4,un:.5 월=wol "
    "회=hoe:.4,hoi:.7,hwe:.9 헌=heon:.4,hun:.6 혁=hyuk:.3,hyeok:.4,hyok:1.5 필=pil,phil:.9 "
    "평=pyung:.4,pyeong:.4 청=chung:.4,cheong:.4 충=choong:.4,chung:.4 의=ui:.4,eui:.4,ee:1.2 임=im:.3,lim:.9 "
    "업=up:.4,eop:.5 억=eok:.4,uk:.7 안=an:.2,ahn:.9 설=seol:.3,sul:.8 무=moo:.4,mu:.3 묵=mook:.4,muk:.5 "
    "백=baek:.2,paek:1.2 별=byul:.4,byeol:.4 부=boo:.4,bu:.3 분=boon:.4,bun:.5 헤=he 균=kyun:.3,gyun:.5 "
    "곤=gon:.4,kon:.5 갑=kap:.4,gap:.4 걸=geol:.4,gul:.5,kul:.8 관=kwan,gwan:.6 교=kyo,gyo:.6 동=dong:.2,tong:2 "
    "덕=duk:.4,deok:.4 두=doo:.4,du:.4 대=dae:.2,tae:1.5 도=do 나=na 남=nam 강=kang:.4,gang:.5"
)
"""Syllables of given names, as people spell them."""
_FOREIGN_INITIALS = tuple(
    map(
        ways,
        words(
            "g g:.8,c:.3,k:.6 n d d:.8,t:.4 r:.2,l:.6 m b:.2,v:.6 b:.6,p:.4 s:.2,th:2.8 s - j:.3,z:.8,g:1.5 j "
            "ch:.3,c:1.5,ts:1.5 k:.3,c:.4 t:.1,th:2 p:.3,f:.5 h:.1,f:2.5"
        ),
    )
)
_FOREIGN_VOWELS = tuple(
    map(
        ways,
        words(
            "a ae:1,a:.2 ya ya er:.5,o:.6,u:.8,e:1 e yeo:1,you:1,ye:1 ye:.6,e:.8 o,au:2 wa:.3,ua:.6 "
            "wae:.8,we:.3 oe:.6,eu:.6,o:1 yo,io:.8 u:.3,oo:.9 wo:.4,wa:.8 we:.3 wi:.3,vi:1,ui:.8 yu,u:.8,iu:1 "
            "-:.2,u:1,e:2.5 ui i:.2,y:1,ee:1.5"
        ),
    )
)
_FOREIGN_FINALS = {"k": "k,c:.6,ck:1", "t": "t,d:1", "p": "p,b:1.5", "l": "l,ll:1", "ng": "ng,n:1", "n": "n", "m": "m"}
_FOREIGN_FINAL_WAYS = tuple(ways(_FOREIGN_FINALS.get(final, "-")) for final in _FINALS)
_FIRST, _LAST = 0xAC00, 0xD7A3
_RIEUL, _SILENT, _LATERAL = 5, 11, 8
_DOUBLED_L = ways("-,l:.4")
_SIBILANTS = {9: ways("sh:.2,ch:1.2,sch:1.2"), 12: ways("j:.2,z:1,g:1"), 14: ways("ch:.2,c:1.5")}
_WITHOUT_Y = {2: 0, 3: 1, 6: 4, 7: 5, 12: 8, 17: 13}
_GLIDING = {20: ways("i:.2,y:.6,-:.9"), 13: ways("u:.2,w:.5,-:1.2")}
"""*i* and *u* that follow a vowel: *James* is 제임스, *Brown* is 브라운."""
_SYLLABLES = table(
    "시=shi:.3,si:.3,ci:1.5 쇼=sho 샤=sha 슈=shu:.3,sch:1,sh:.9 셰=she:.3,sha:1 쓰=tsu,s:1.2 츠=tsu:.3,ts:.3 쥬=ju "
    "쥐=ji 즈=z:.4,s:.4,zu:.8 지=ji:.3,gi:.9,zi:.9 치=chi:.3,ci:1,tch:1 티=ti,ty:1 "
    "리=ri:.3,li:.3,ry:1,ly:1,ree:1.5 위=wi,we:1.5 드=d,de:1.5 트=t,te:1.5,tt:1.5 르=r:.2,l:.8,re:1.5 "
    "스=s:.1,th:1.6,ce:1.5,ss:1.5 프=p:.3,f:.5,pe:1.5 브=b:.3,v:.4,ve:1 크=k:.3,c:.9,ck:.9,ke:1.5 그=g,gue:2"
)
"""Syllables that stand for sounds which Korean does not have."""


def romanisations(word: str) -> tuple[str, ...]:
    """Of a surname as families spell it; of one or two syllables as a given name; of others also as a foreign name."""
    syllables = [letter for letter in word if _FIRST <= ord(letter) <= _LAST]
    if word in SURNAMES:
        given = likeliest(_korean(syllables), 2) if len(word) == 1 else ()
        return one_by_one([likeliest([SURNAMES[word]], 4), (), given])
    korean = likeliest(_korean(syllables), 4)
    foreign = likeliest(_foreign(syllables), 4)
    if _FROM_ELSEWHERE.search(word):
        return tuple(dict.fromkeys((*foreign, *korean[:1])))
    if len(syllables) == 1:
        return one_by_one([korean, foreign[:1]])
    return one_by_one([korean, (), foreign[:1]] if len(syllables) == 2 else [foreign[:3], korean[:2]])


_FROM_ELSEWHERE = re.compile(
    "[스트크프드르브그츠즈티디키쇼샤셰슈쇼케테데레메네베페루투카타파코토포푸쿠후오]$|[스트크프드르브츠즈티디키쇼샤셰슈케테데레메네베페루투카타코토푸쿠퍼머터커러너더버]|[카-킿까-낗따-띻빠-삫짜-찧]"
)
"""Syllables that no Korean name has: loanwords have them."""


def _korean(syllables: list[str]) -> list[Ways]:
    slots: list[Ways] = []
    for syllable in syllables:
        slots += [_GIVEN[syllable]] if syllable in _GIVEN else _jamo(syllable, _INITIALS, _VOWELS, _FINAL_WAYS)
    return slots


def _foreign(syllables: list[str]) -> list[Ways]:
    slots: list[Ways] = []
    before = ""
    for syllable in syllables:
        lateral = bool(before) and _final(before) == _LATERAL
        if syllable in _SYLLABLES and not (syllable == "리" and lateral):
            slots.append(_SYLLABLES[syllable])
        else:
            slots += _foreign_syllable(syllable, before, lateral)
        before = syllable
    return slots


def _foreign_syllable(syllable: str, before: str, lateral: bool) -> list[Ways]:
    code = ord(syllable) - _FIRST
    initial, vowel = code // 588, code % 588 // 28
    written = _jamo(syllable, _FOREIGN_INITIALS, _FOREIGN_VOWELS, _FOREIGN_FINAL_WAYS)
    if lateral and initial == _RIEUL:
        written[0] = _DOUBLED_L
    elif initial in _SIBILANTS and vowel in _WITHOUT_Y:
        written[:2] = _SIBILANTS[initial], _FOREIGN_VOWELS[_WITHOUT_Y[vowel]]
    elif initial == _SILENT and before and _final(before) == 0 and vowel in _GLIDING:
        written[1] = _GLIDING[vowel]
    return written


def _final(syllable: str) -> int:
    return (ord(syllable) - _FIRST) % 28


def _jamo(syllable: str, initials: tuple[Ways, ...], vowels: tuple[Ways, ...], finals: tuple[Ways, ...]) -> list[Ways]:
    """Initial, vowel and final of a syllable (Unicode 3.12)."""
    code = ord(syllable) - _FIRST
    return [initials[code // 588], vowels[code % 588 // 28], finals[code % 28]]


def parted(word: str) -> tuple[tuple[str, ...], ...]:
    """The ways to part a name written without a space into surname and given name, the likeliest first; whole, where
    none is.

    A Korean name has a surname of one syllable, rarely two, and a given name of two, less often of one.
    """
    if not 2 <= len(word) <= 4 or (word[0] not in SURNAMES and word[:2] not in SURNAMES):
        return ((word,),)
    if _FROM_ELSEWHERE.search(word[1:]):
        return ((word,),)
    at = [
        length
        for length in (2, 1)
        if word[:length] in SURNAMES
        and length < len(word)
        and len(word) - length <= 3 - (length == 1 and len(word) > 3)
    ]
    if len(word) - 1 > 2 and 1 in at:
        at.remove(1)
    return (*((word[:length], word[length:]) for length in at), (word,))
