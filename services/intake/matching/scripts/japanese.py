"""Japanese names in Chinese characters: how they are read, only a dictionary knows. These are the commonest family
names (Meiji Yasuda's list of 2018) and the readings that characters of given names mostly have.
"""

from __future__ import annotations

from services.intake.matching.scripts.ways import Ways, likeliest, table

_FAMILY_NAMES = table(
    "佐藤=sato,satoh:1,satou:1.2 鈴木=suzuki 高橋=takahashi 田中=tanaka 伊藤=ito,itoh:1,itou:1.2 渡辺=watanabe "
    "渡邊=watanabe 渡部=watanabe 山本=yamamoto 中村=nakamura 小林=kobayashi 加藤=kato,katoh:1,katou:1.2 "
    "吉田=yoshida 山田=yamada 佐々木=sasaki 山口=yamaguchi 松本=matsumoto 井上=inoue 木村=kimura "
    "斎藤=saito,saitoh:1 斉藤=saito,saitoh:1 齋藤=saito 清水=shimizu 山崎=yamazaki,yamasaki:.6 阿部=abe "
    "池田=ikeda 橋本=hashimoto 山下=yamashita 石川=ishikawa 中島=nakajima,nakashima:.5 前田=maeda 藤田=fujita "
    "後藤=goto,gotoh:1 小川=ogawa 岡田=okada 長谷川=hasegawa 村上=murakami 近藤=kondo,kondoh:1 石井=ishii "
    "遠藤=endo,endoh:1 坂本=sakamoto 青木=aoki 藤井=fujii 西村=nishimura 福田=fukuda 太田=ota,ohta:.5 三浦=miura "
    "藤原=fujiwara 岡本=okamoto 松田=matsuda 中川=nakagawa 中野=nakano 原田=harada 小野=ono 田村=tamura "
    "竹内=takeuchi 和田=wada 中山=nakayama 石田=ishida 上田=ueda 森田=morita 柴田=shibata 酒井=sakai 工藤=kudo "
    "横山=yokoyama 宮崎=miyazaki 宮本=miyamoto 内田=uchida 高木=takagi 安藤=ando 谷口=taniguchi 大野=ono,ohno:.4 "
    "丸山=maruyama 今井=imai 高田=takada 藤本=fujimoto 武田=takeda 村田=murata 上野=ueno 杉山=sugiyama "
    "増田=masuda 平野=hirano 菅原=sugawara 小島=kojima 大塚=otsuka,ohtsuka:.6 千葉=chiba 久保=kubo 松井=matsui "
    "岩崎=iwasaki 桜井=sakurai 野口=noguchi 松尾=matsuo 木下=kinoshita 菊地=kikuchi 菊池=kikuchi 野村=nomura "
    "新井=arai 佐野=sano 杉本=sugimoto 古川=furukawa 大西=onishi,ohnishi:.6 浜田=hamada 市川=ichikawa "
    "小松=komatsu 水野=mizuno 吉川=yoshikawa 山内=yamauchi 西田=nishida 西川=nishikawa 島田=shimada "
    "川口=kawaguchi 川崎=kawasaki 川村=kawamura 五十嵐=igarashi 永井=nagai 荒木=araki 安田=yasuda 大橋=ohashi "
    "小山=koyama,oyama:.6 小池=koike 平田=hirata 河野=kono,kawano:.5 内藤=naito 浅野=asano 松岡=matsuoka "
    "田口=taguchi 服部=hattori 樋口=higuchi 熊谷=kumagai 黒田=kuroda 星野=hoshino 望月=mochizuki "
    "大島=oshima,ohshima:.6 福島=fukushima 岩田=iwata 早川=hayakawa 本田=honda 久保田=kubota 吉村=yoshimura "
    "中西=nakanishi 片山=katayama 須藤=sudo 矢野=yano 奥村=okumura 大久保=okubo 小田=oda 関口=sekiguchi "
    "馬場=baba 渋谷=shibuya 松下=matsushita"
)
_OF_GIVEN_NAMES = table(
    "子=ko 美=mi 恵=e:.2,kei:.6,megumi:1 代=yo 江=e 枝=e 香=ka:.2,kaori:1 奈=na 菜=na 花=hana:.2,ka:.4 "
    "華=ka,hana:.6 陽=yo:.2,haru:.5,hi:1 裕=yu:.2,hiro:.4 優=yu,masa:1 由=yu,yoshi:1 有=yu,ari:.8 "
    "真=ma:.2,shin:.5 理=ri 里=ri 莉=ri 梨=ri 沙=sa 紗=sa 早=sa 彩=aya:.2,sa:.6 綾=aya 咲=saki:.2,sa:.8 葵=aoi "
    "愛=ai:.2,mana:.6 結=yu:.3,yui:.5 衣=i 智=tomo:.2,sato:.6 友=tomo,yu:.5 知=tomo,chi:.5 朋=tomo "
    "和=kazu:.2,wa:1 一=kazu:.4,ichi:.4 健=ken:.2,takeshi:1 賢=ken 謙=ken 大=dai:.2,hiro:.7 介=suke 輔=suke "
    "助=suke 太=ta 郎=ro:.2,rou:1 次=ji 二=ji 三=zo:.3,mi:.6 樹=ki:.2,ju:.8 也=ya 哉=ya 弥=ya 人=to:.3,hito:.5 "
    "斗=to 翔=sho:.2,kakeru:.9 平=hei 司=ji:.4,tsukasa:.6,shi:.8 志=shi 史=shi,fumi:.5 士=shi 之=yuki "
    "幸=yuki:.2,ko:.5,sachi:.6 行=yuki 雪=yuki 彦=hiko 男=o 夫=o 雄=o:.2,yu:.5 生=o:.5,ki:.6 明=aki:.3,akira:.5 "
    "昭=aki:.2,sho:.8 秋=aki 晃=akira,ko:.6 誠=makoto,sei:.8 実=minoru:.4,mi:.4 茂=shigeru:.3,shige:.3 "
    "隆=taka:.3,takashi:.3 孝=taka:.2,ko:.6 貴=taka,ki:.5 高=taka 剛=tsuyoshi:.4,go:.5 "
    "浩=hiro:.3,hiroshi:.4,ko:.6 博=hiro:.3,hiroshi:.4 宏=hiro:.3,hiroshi:.4 弘=hiro:.3,hiroshi:.4 広=hiro "
    "洋=yo:.3,hiro:.4 直=nao 尚=nao 正=masa:.2,tadashi:.8 雅=masa:.2,miyabi:1.5 昌=masa 政=masa 義=yoshi "
    "良=ryo:.4,yoshi:.4 芳=yoshi 吉=yoshi 慶=kei 圭=kei 敬=kei,taka:.6 啓=kei 純=jun 淳=jun,atsushi:.6 順=jun "
    "俊=shun:.3,toshi:.4 敏=toshi 利=toshi,ri:.6 年=toshi 勝=katsu:.3,masaru:.5 克=katsu 哲=tetsu:.3,satoshi:.8 "
    "聡=satoshi,sato:.5 悟=satoru 進=susumu 勇=isamu:.4,yu:.4 清=kiyo:.3,kiyoshi:.4 英=hide:.2,ei:.6 "
    "秀=hide,shu:.7 久=hisa 文=fumi 武=take:.3,takeshi:.4 竜=ryu 龍=ryu 亮=ryo 涼=ryo 蓮=ren 悠=yu,haruka:1 "
    "遥=haruka 春=haru 晴=haru 治=ji:.3,haru:.5,osamu:.7 修=shu:.4,osamu:.4 学=manabu 歩=ayumi 舞=mai "
    "麻=ma,asa:.7 千=chi 尋=hiro 佳=ka:.3,yoshi:.6 加=ka 希=ki 紀=ki:.2,nori:.4 季=ki 典=nori 則=nori 法=nori "
    "範=nori 桃=momo 桜=sakura 京=kyo 恭=kyo:.3,yasu:.4 康=yasu:.3,ko:.7 靖=yasu 保=yasu 律=ritsu 瑞=mizu "
    "瞳=hitomi 薫=kaoru 忍=shinobu 望=nozomi:.3,nozomu:.5 光=mitsu:.3,ko:.5,hikaru:.5 充=mitsu 満=mitsu 絵=e "
    "穂=ho 帆=ho 伸=shin 信=nobu:.3,shin:.5 延=nobu 章=aki:.4,sho:.6 朗=ro:.3,akira:.7 航=ko,wataru:.6 拓=taku "
    "卓=taku 匠=takumi 巧=takumi 海=kai:.4,umi:.6 空=sora 大=dai 輝=ki:.3,teru:.4 照=teru 元=gen:.4,moto:.4"
)
_USUAL = frozenset("子美郎介輔太斗樹彦夫雄男代枝恵菜奈咲之也弥織")
"""What a given name of two characters or more ends with, and few Chinese ones do."""


def parted(name: str) -> tuple[str, str] | None:
    """Family and given name, of a name that begins with a common family name."""
    for length in (3, 2):
        if (
            len(name) > length
            and name[:length] in _FAMILY_NAMES
            and all(map(_OF_GIVEN_NAMES.__contains__, name[length:]))
        ):
            return name[:length], name[length:]
    return None


def family_names(word: str) -> tuple[str, ...]:
    """Of a common family name; none for another word."""
    return likeliest([_FAMILY_NAMES[word]]) if word in _FAMILY_NAMES else ()


def given_names(word: str, most: int = 3) -> tuple[str, ...]:
    """Of a word that may be a Japanese given name; none for another. One character alone has its longest reading."""
    slots: list[Ways] = [_OF_GIVEN_NAMES[character] for character in word if character in _OF_GIVEN_NAMES]
    if len(slots) < len(word) or not slots:
        return ()
    if len(slots) == 1:
        longest = max((latin for latin, _ in slots[0]), key=len)
        return (longest,) if len(longest) > _SHORT else ()
    return likeliest(slots, most) if word[-1] in _USUAL else ()


_SHORT = 3
