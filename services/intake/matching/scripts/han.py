"""Names in Chinese characters: pinyin (through `anyascii`), Wade–Giles, and Cantonese and Southeast Asian spellings
of surnames.

Which characters are a Japanese name, and how it is read, only a dictionary knows: such names get pinyin too.
"""

from __future__ import annotations

import re

from anyascii import anyascii

from services.intake.matching.scripts import from_elsewhere, japanese
from services.intake.matching.scripts.ways import Ways, likeliest, one_by_one, pairs, words

_COMPOUND = frozenset(
    words(
        "欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 司徒 东方 東方 皇甫 尉迟 尉遲 公孙 公孫 慕容 令狐 宇文 长孙 長孫 "
        "夏侯 轩辕 軒轅 端木 百里 呼延 南宫 南宮 东郭 東郭 西门 西門 独孤 獨孤 拓跋 完颜 完顏 澹台 澹臺 闻人 "
        "聞人 赫连 赫連 钟离 鍾離 濮阳 濮陽 公羊 太史 申屠 仲孙 仲孫 鲜于 鮮于 闾丘 梁丘 左丘 第五 万俟 萬俟 "
        "纳兰 納蘭"
    )
)
_READ_AS_SURNAME = pairs(
    "曾=zeng 单=shan 單=shan 解=xie 仇=qiu 任=ren 查=zha 区=ou 區=ou 朴=piao 盖=ge 蓋=ge 华=hua 華=hua 尉=wei "
    "翟=zhai 黑=he 洗=xian 折=she 缪=miao 繆=miao 宓=fu 员=yun 員=yun 乐=yue 樂=yue 召=shao 覃=qin 卜=bu 祭=zhai "
    "过=guo 哈=ha 逄=pang 隗=wei 车=che 車=che 燕=yan 葛=ge 宁=ning 宿=su 柏=bai"
)
"""Surnames that are read otherwise than the same character elsewhere (*Xiandai Hanyu Cidian*)."""
_CANTONESE = {
    characters: tuple(spelled.split(","))
    for characters, spelled in pairs(
        "王=wong,ong 李=lee,li 张張=cheung,chong 刘劉=lau,low 陈陳=chan,tan 杨楊=yeung,yeo 黄黃=wong,ng,ooi "
        "赵趙=chiu 吴吳=ng,goh 周=chow,chau 徐=tsui,chui 孙孫=suen 马馬=ma,beh 朱=chu,choo 胡=woo,wu "
        "郭=kwok,kuok 何=ho 林=lam,lim 高=ko,koh 罗羅=law,lo 郑鄭=cheng,tay 梁=leung,neo 谢謝=tse,cheah 宋=sung "
        "唐=tong 许許=hui,koh 邓鄧=tang 冯馮=fung 韩韓=hon 曹=cho 曾=tsang,chan 彭=pang 萧蕭肖=siu,seow "
        "蔡=choi,choy,chua 潘=poon,phua 田=tin 董=tung 袁=yuen 于=yu 余=yu,yee 叶葉=yip,yap 蒋蔣=cheung 杜=to "
        "苏蘇=so,soh 魏=ngai 程=ching 吕呂=lui,loo 丁=ting,teng 沈=shum,sim 任=yam 姚=yiu 卢盧=lo,loh 傅=fu,foo "
        "钟鍾鐘=chung 姜=keung 崔=chui 谭譚=tam 廖=liu,liew 范=fan 汪=wong 陆陸=luk 金=kam 石=shek 戴=tai "
        "贾賈=ka 韦韋=wai 夏=ha 邱=yau,khoo 方=fong 侯=hau 邹鄒=chow 熊=hung 孟=mang 秦=chun 白=pak 江=kong "
        "阎閻=yim 薛=sit 尹=wan 段=tuen 雷=lui 黎=lai 史=sze 龙龍=lung 陶=to 贺賀=ho 顾顧=koo 毛=mo 郝=kok "
        "龚龔=kung 邵=siu 万萬=man 钱錢=chin 严嚴=yim 武=mo 莫=mok 孔=hung 汤湯=tong 关關=kwan 麦麥=mak 霍=fok "
        "甘=kam 区區=au 欧歐=au 洪=hung,ang 温溫=wan 卓=cheuk 翁=yung,ong 庄莊=chong,chng 伍=ng 冼=sin 岑=shum "
        "容=yung 简簡=kan 梅=mui 鲍鮑=pau 欧阳歐陽=auyeung 司徒=szeto 上官=sheungkwun 诸葛諸葛=chukot 明=ming "
        "志=chi 强強=keung 国國=kwok 伟偉=wai 文=man 家=ka 小=siu 芳=fong 丽麗=lai 敏=man 磊=lui 建=kin 英=ying "
        "玲=ling 美=mei 珍=chun 华華=wah 德=tak 永=wing 荣榮=wing 辉輝=fai 安=on 平=ping 海=hoi 天=tin 成=shing "
        "子=tsz 思=sze 慧=wai 玉=yuk 兰蘭=lan 秀=sau 红紅=hung 嘉=ka 俊=chun 杰傑=kit 浩=ho 宇=yu 欣=yan 怡=yi "
        "晓曉=hiu 雪=suet 月=yuet 春=chun 秋=chau 东東=tung 军軍=kwan 民=man 光=kwong 福=fuk 寿壽=sau 贵貴=kwai "
        "财財=choi 发發=fat 生=sang 水=shui 木=muk 火=fo 土=to 山=shan 心=sum 仁=yan 义義=yee 礼禮=lai 信=shun "
        "正=ching 学學=hok 立=lap 新=sun 兴興=hing 大=tai 中=chung 世=sai 少=siu 如=yu 佩=pui 淑=shuk 惠=wai "
        "婷=ting 静靜=ching 娟=kuen 莲蓮=lin 凤鳳=fung 琴=kam 燕=yin 萍=ping 云雲=wan 霞=ha 桂=kwai 翠=chui "
        "柏=pak 松=chung 健=kin 康=hong 宁寧=ning 乐樂=lok 凯凱=hoi 勇=yung 波=bo 涛濤=to 峰=fung 鹏鵬=pang "
        "飞飛=fei"
    ).items()
}
_WHOLE = frozenset({"欧阳歐陽", "诸葛諸葛", "司徒", "上官"})
_ELSEWHERE = {
    one: spelled
    for characters, spelled in reversed(_CANTONESE.items())
    for one in ({characters[:2], characters[-2:]} if characters in _WHOLE else characters)
}
"""Character → Cantonese (Hong Kong Government), then Hokkien, Teochew or Hakka spellings (Singapore, Malaysia,
Indonesia).
"""
_SURNAMES = frozenset(
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許邓鄧冯馮韩韓曹曾彭萧蕭肖蔡潘田"
    "董袁于余叶葉蒋蔣杜苏蘇魏程吕呂丁沈任姚卢盧傅钟鍾鐘姜崔谭譚廖范汪陆陸金石戴贾賈韦韋夏邱方侯邹鄒熊孟秦白江阎閻"
    "薛尹段雷黎史龙龍陶贺賀顾顧毛郝龚龔邵万萬钱錢严嚴武莫孔汤湯向常温溫康施文牛樊葛邢安齐齊易乔喬伍庞龐颜顏倪庄莊"
    "聂聶章鲁魯岳翟殷詹申欧歐耿关關兰蘭焦俞左柳甘祝包宁寧尚符舒阮柯纪紀梅童凌毕畢单單季裴霍涂苗谷盛曲翁冉骆駱蓝藍"
    "路游辛靳管柴蒙鲍鮑华華喻祁蒲房滕屈饶饒解牟艾尤时時穆农農司卓古吉缪繆简簡车車项項连連芦蘆麦麥褚娄婁窦竇戚岑景"
    "党黨宫宮费費卜冷晏席卫衛米柏宗瞿桂全佟应應臧闵閔苟邬鄔边邊卞姬师師和仇栾欒隋商刁沙荣榮巫寇桑郎甄丛叢仲虞敖巩"
    "鞏明佘池查麻苑迟遲邝鄺官封谈談匡鞠惠荆荊乐樂冀郁胥南班储儲原栗燕楚鄢劳勞谌諶奚皮粟冼蔺藺楼樓盘盤满滿闻聞位厉"
    "厲伊仝区區郜海阚闞花权權强強帅帥屠豆朴盖蓋练練廉禹井祖漆巴丰豐支卿国國狄平计計索宣晋晉相初门門云雲容敬来來扈"
    "晁芮普都阙闕浦戈伏鹿薄邸雍辜羊阿乌烏母裘亓修邰赫杭况況那宿鲜鮮印逯隆茹诺諾战戰慕危玉银銀亢嵇公哈湛宾賓戎勾茅"
    "利於呼居揭干但尉冶斯元束檀衣信展阴陰昝智幸奉植衡富尧堯由"
)
"""The four hundred most common (Yuan and Zhang, *Chinese surnames*, 2006), simplified and traditional."""


TWO = 2


def parted(name: str) -> tuple[tuple[str, ...], ...]:
    """The ways to part a name written without a space, the likeliest first: a surname that stands first, else one
    that stands last.

    Four characters without a Chinese compound surname are parted in the middle, as most Japanese names are.
    """
    if len(name) < 2 or len(name) > 5:
        return ((name,),)
    found: list[tuple[str, ...]] = []
    if len(name) > TWO and from_elsewhere.is_from_elsewhere(name) and (len(name) > 3 or name[0] not in _SURNAMES):
        return ((name,),)
    if one := japanese.parted(name):
        found.append(one)
    if name[:2] in _COMPOUND and len(name) > 2:
        found.append((name[:2], name[2:]))
    if len(name) > 3 and not found:
        found.append((name[:2], name[2:]))
    if len(name) < 4 and name[0] in _SURNAMES:
        found.append((name[:1], name[1:]))
    if len(name) == 3 and name[1:] in _COMPOUND:
        found.append((name[1:], name[:1]))
    if len(name) < 4 and name[-1] in _SURNAMES:
        found.append((name[:-1], name[-1:]))
    return tuple(dict.fromkeys((*found, (name,))))


def romanisations(word: str) -> tuple[str, ...]:
    """Pinyin, then Wade–Giles, then the spellings of Hong Kong and Southeast Asia."""
    if from_elsewhere.is_from_elsewhere(word):
        known = from_elsewhere.romanisations(word)
        plain = "".join(_pinyin(character, False) for character in word)
        return (known[0], plain, *known[1:4]) if len(word) == TWO else (*known[:3], plain, *known[3:])
    if family := japanese.family_names(word):
        return (*family[:2], "".join(_pinyin(character, False) for character in word))
    pinyin = [_pinyin(character, len(word) == 1) for character in word]
    wade = [_wade_giles(syllable) for syllable in pinyin]
    plain = "".join(pinyin)
    giles = likeliest(wade, 2)
    if word in _ELSEWHERE:
        return one_by_one([(plain,), _ELSEWHERE[word], giles, (), japanese.given_names(word)])
    southern: list[Ways] = [
        tuple((latin, 0.4 * at) for at, latin in enumerate(_ELSEWHERE[character][:1]))
        if character in _ELSEWHERE
        else ((syllable, 0.0),)
        for character, syllable in zip(word, pinyin, strict=True)
    ]
    return one_by_one([(plain,), japanese.given_names(word)[:2], giles[:1], likeliest(southern, 1), giles[1:]])


def spellings(word: str) -> frozenset[str]:
    """In pinyin, in Wade–Giles, and as Hong Kong and Southeast Asia write it; none for a name from elsewhere."""
    if len(word) > TWO or from_elsewhere.is_from_elsewhere(word):
        return frozenset()
    japanese_too = (*japanese.family_names(word), *japanese.given_names(word, 20))
    pinyin = [_pinyin(character, len(word) == 1) for character in word]
    giles = likeliest([_wade_giles(syllable) for syllable in pinyin], 8)
    southern = [
        tuple((latin, 0.0) for latin in (*_ELSEWHERE.get(character, ()), syllable))
        for character, syllable in zip(word, pinyin, strict=True)
    ]
    return frozenset(("".join(pinyin), *giles, *likeliest(southern, 40), *_ELSEWHERE.get(word, ()), *japanese_too))


def _pinyin(character: str, alone: bool) -> str:
    read = _READ_AS_SURNAME.get(character) if alone else None
    return read or re.sub("[^a-z]", "", anyascii(character).lower())


_GILES_INITIALS = {
    "zh": "ch",
    "q": "ch",
    "x": "hs",
    "j": "ch",
    "z": "ts",
    "r": "j",
    "b": "p",
    "d": "t",
    "g": "k",
    "c": "ts",
    "p": "p",
    "t": "t",
    "k": "k",
}
_GILES_FINALS = {
    "ian": "ien",
    "ong": "ung",
    "ie": "ieh",
    "ue": "ueh",
    "yan": "yen",
    "ye": "yeh",
    "you": "yu",
    "yong": "yung",
    "ui": "ui",
    "e": "eh",
}
_GILES_FINALS = {"ian": "ien", "ong": "ung", "iong": "iung", "ie": "ieh", "ue": "ueh"}
_GILES_SYLLABLES = pairs(
    "zhi=chih chi=chih shi=shih ri=jih zi=tzu ci=tzu si=szu guo=kuo he=ho ge=ko ke=ko e=o er=erh yi=i you=yu "
    "yan=yen ye=yeh yue=yueh yong=yung luo=lo duo=to zuo=tso cuo=tso suo=so nuo=no tuo=to"
)


def _wade_giles(pinyin: str) -> Ways:
    """A syllable of pinyin in Wade–Giles, without its apostrophes."""
    initial = _INITIAL.match(pinyin)
    if pinyin in _GILES_SYLLABLES or not initial:
        return ((_GILES_SYLLABLES.get(pinyin, pinyin), 0.0),)
    rest = pinyin[initial.end() :]
    return ((_GILES_INITIALS.get(initial[0], initial[0]) + _GILES_FINALS.get(rest, rest), 0.0),)


_INITIAL = re.compile("zh|ch|sh|[bcdfghjklmnpqrstx]")
