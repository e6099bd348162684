"""Japanese names in kana (Hepburn); foreign names in katakana are taken back to what they stand for."""

from __future__ import annotations

import re

from services.intake.matching.scripts.ways import Alphabet, one_by_one

_HEPBURN = Alphabet(
    "ア=a イ=i ウ=u エ=e オ=o カ=ka キ=ki ク=ku ケ=ke コ=ko ガ=ga ギ=gi グ=gu ゲ=ge ゴ=go サ=sa "
    "シ=shi,si:2 ス=su セ=se ソ=so "
    "ザ=za ジ=ji,zi:2 ズ=zu ゼ=ze ゾ=zo タ=ta チ=chi,ti:2.5 ツ=tsu,tu:2.5 テ=te ト=to "
    "ダ=da ヂ=ji ヅ=zu デ=de ド=do ナ=na ニ=ni ヌ=nu ネ=ne ノ=no ハ=ha ヒ=hi フ=fu,hu:2.5 ヘ=he ホ=ho "
    "バ=ba ビ=bi ブ=bu ベ=be "
    "ボ=bo パ=pa ピ=pi プ=pu ペ=pe ポ=po マ=ma ミ=mi ム=mu メ=me モ=mo ヤ=ya ユ=yu ヨ=yo "
    "ラ=ra リ=ri ル=ru レ=re ロ=ro ワ=wa ヰ=i ヱ=e ヲ=o ン=n,m:2.5 ヴ=vu ー=- ャ=ya ュ=yu ョ=yo ァ=a "
    "ィ=i ゥ=u ェ=e ォ=o ッ=- "
    "キャ=kya キュ=kyu キョ=kyo シャ=sha シュ=shu ショ=sho チャ=cha チュ=chu チョ=cho ニャ=nya ニュ=nyu "
    "ニョ=nyo ヒャ=hya ヒュ=hyu "
    "ヒョ=hyo ミャ=mya ミュ=myu ミョ=myo リャ=rya リュ=ryu リョ=ryo "
    "ギャ=gya ギュ=gyu ギョ=gyo ジャ=ja ジュ=ju ジョ=jo ビャ=bya ビュ=byu ビョ=byo ピャ=pya ピュ=pyu "
    "ピョ=pyo ファ=fa フィ=fi フェ=fe "
    "フォ=fo ヴァ=va ヴィ=vi ヴェ=ve ヴォ=vo ティ=ti ディ=di デュ=dyu トゥ=tu ドゥ=du ウィ=wi ウェ=we "
    "ウォ=wo シェ=she ジェ=je チェ=che "
    "ッカ=kka ッキ=kki ック=kku ッケ=kke ッコ=kko ッサ=ssa ッシ=sshi ッス=ssu ッセ=sse ッソ=sso ッタ=tta "
    "ッチ=tchi ッツ=ttsu ッテ=tte "
    "ット=tto ッパ=ppa ッピ=ppi ップ=ppu ッペ=ppe ッポ=ppo "
    "コウ=ko:.2,kou:.8,koh:1.5 ゴウ=go:.2,gou:.8 ソウ=so:.2,sou:.8 ゾウ=zo,zou:.8 トウ=to:.2,tou:.8,toh:1.5 "
    "ドウ=do,dou:.8 ノウ=no,nou:.8 ホウ=ho,hou:.8 ボウ=bo,bou:.8 モウ=mo,mou:.8 ヨウ=yo:.2,you:.8 "
    "ロウ=ro:.2,rou:.8,roh:1.5 "
    "キョウ=kyo,kyou:.8 ショウ=sho,shou:.8 ジョウ=jo,jou:.8 チョウ=cho,chou:.8 リョウ=ryo,ryou:.8 オウ=o,ou:.8,oh:1 "
    "オオ=o:.2,oo:.8,oh:1 コオ=ko ユウ=yu:.2,yuu:.8 シュウ=shu,shuu:.8 ジュウ=ju,juu:.8 チュウ=chu キュウ=kyu "
    "リュウ=ryu,ryuu:.8 ノオ=no ロオ=ro "
    # Characters that end a given name written in kana.
    "子=ko 美=mi 代=yo 江=e 恵=e 男=o 夫=o 雄=o 郎=ro 太=ta 介=suke 香=ka 奈=na 菜=na 人=to 斗=to"
)
_FOREIGN = Alphabet(
    "ア=a,er:2 ク=k:.3,c:.4,ku:2 ス=s:.2,th:2,su:2 ト=t,to:2 ド=d,do:2 ル=l:.3,r:.5,ru:2 ム=m,mu:2 フ=f:.2,ff:1 "
    "ブ=b,v:1.5 プ=p グ=g ズ=s:.6,z:.4 ツ=ts:.4,tz:1,z:1 ラ=la:.4,ra:.4 リ=li:.4,ri:.4 レ=le:.4,re:.4 "
    "ロ=lo:.4,ro:.4 ー=-:.3,r:.9 ッ=- "
    "カ=ka:.4,ca:.4 コ=co:.4,ko:.4 キ=ki ケ=ke バ=ba,va:1.5 ビ=bi,vi:1.5 ベ=be,ve:1.5 ボ=bo,vo:2 ヴ=v "
    "ジ=ji:.6,gi:.8,zi:.8,di:1.2 シ=si:.5,shi:.6,ci:1.2 チ=chi:.3,ti:1,ci:1 イ=i,y:.8 サ=sa,tha:2 セ=se,ce:1.5 "
    "ソ=so ッチ=ch ック=ck:.3,k:.4 ッド=d ット=tt:.5,t:.4 ッツ=tz ップ=p ッセ=sse "
    "ヤ=ya,ia:.6 シャ=sha:.3,cha:1.5 シュ=sh:.4,ch:1,sch:1 ジャ=ja ジュ=ju ジョ=jo チャ=cha チュ=chu "
    "ラー=ler:.4,la:.6,lar:.8 ター=ter:.3,ta:.8,tar:.8 "
    "バー=ber:.3,bar:.5,ba:.9 ダー=der:.3,dar:.6,da:.9 カー=ker:.5,car:.4,ka:.8 "
    "マー=mer:.4,mar:.4,ma:.8 ナー=ner:.3,nar:.6 "
    "パー=per:.3,par:.5 ガー=ger:.4,gar:.5 サー=ser:.3,sar:.6 シュ=sch:.5,sh:.3 "
    "デュ=du フュ=fu テュ=tu シャー=sha:.3,sher:.6 "
    "クリ=chri:.5,kri:.6,cri:.6 クス=x:.3,ks:.6",
    _HEPBURN,
)


def romanisations(word: str) -> tuple[str, ...]:
    """Hepburn without macrons first, then with long vowels written, then as a foreign name; that first, where it
    shows."""
    if _FROM_ELSEWHERE.search(word):
        return one_by_one([_FOREIGN.romanisations(word, 4), _HEPBURN.romanisations(word, 2)])
    return one_by_one([_HEPBURN.romanisations(word, 3), _FOREIGN.romanisations(word, 2)])


_FROM_ELSEWHERE = re.compile("[ヴァィゥェォ]|ー(?!$)|[ラタバダマナパガ]ー$|デュ|ッ[ドトクグプツ]$|[スルドグプブムズ]$")
"""Sounds that no Japanese name has, or not in such a place."""
