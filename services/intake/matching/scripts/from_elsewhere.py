"""Names from elsewhere in Chinese characters, taken back to what they stand for: by the characters that newspapers and
passports use for foreign syllables (Xinhua, *Names of the World's Peoples*, 2007), and for Uyghur and Tibetan ones.
"""

from __future__ import annotations

from services.intake.matching.scripts.ways import Ways, likeliest, pairs

_DEARER = 0.4
_SYLLABLES: dict[str, Ways] = {
    character: tuple((latin, at * _DEARER) for at, latin in enumerate(written.split(",")))
    for characters, written in pairs(
        "阿=a 艾=ai,e,i 爱愛=e,ai,i 埃=e,ai 奥奧=o,au 安=an 昂=an,on 巴=ba,pa 拜=bai,by 班=ban 邦=bon "
        "保=pau,bo 鲍=bo 贝貝=be,bei 本=ben 比=bi 彼=pe,pi 毕=bi 宾賓=bin 波=po,bo 伯=ber,be 博=bo "
        "布=b,bu,br 卜=b,bu 查=cha,char 达達=da,d 大=da 戴=dai,da,day 丹=dan,ten 道=dow,do 德=d,de,t 登=den "
        "迪=di,dy 狄=di 蒂=ti,ty 丁=tin,din 东東=don 多=do 杜=du,do 顿頓=ton,don 厄=er,o 恩=n,en 尔爾=r,l,er "
        "法=fa,va 凡=van 范=van,fan 菲=fi,phi 费費=fe,fi 芬=fin,fen 夫=v,f 弗=f,fr,v 福=fo,ford 盖蓋=ga,gai "
        "冈岡=gon 高=go,gau 戈=go 哥=go,co 格=g,gr,ger 根=gen,gan 贡=gon 古=gu 哈=ha,kha 海=hai,hei 汉漢=han "
        "翰=hn,han 赫=h,he,her 亨=hen 侯=ho,hu,how 胡=hu,ju 华華=wa,hua 怀懷=whi,wy 惠=whe 霍=ho 基=ki,ke "
        "吉=ji,gi 加=ga,ca,ja 贾賈=ja 佳=ja 杰傑=je,ge,ja 金=kin,gin 卡=ca,ka 凯凱=ke,kai,ca 坎=can,cam "
        "康=con,kon 考=cow,kau 科=co,ko 可=co 克=k,c,ck 肯=ken 孔=con 库庫=ku,coo 奎=qui 昆=quin,kun "
        "拉=ra,la 莱萊=le,ri,lai 赖賴=ri,lai 兰蘭=lan,ran 朗=lan,ron 劳勞=lau,low,rau 勒=le,l,ler "
        "雷=re,ray,le 蕾=le,ray 里裡=ri,li 理=ri 利=li,ri,ly 莉=li,ly 丽麗=ry,li,ly 李=lee,li 林=lin,rin,lyn "
        "琳=lin,lyn 隆=lon,ron 卢盧=lu,ru 鲁魯=ru,lu 路=lu,lou 伦倫=ren,lun,ron 罗羅=ro,lo 洛=lo,ro 吕=lu "
        "马馬=ma 玛瑪=ma 麦麥=mc,mac,mi 迈邁=mi,my 曼=man 芒=mon 毛=mo 梅=me,may 门門=men 蒙=mon 孟=mon "
        "米=mi,me 密=mi 明=min 莫=mo 默=m,mer 姆=m,me 穆=mu,mo 木=mu 纳納=na,n 娜=na 乃=nai 南=nan 内=ne "
        "尼=ni,ne,ny 妮=ny,ni 宁寧=nin 纽紐=new 诺諾=no 努=nu 欧歐=o,eu 帕=pa 潘=pan 佩=pe,per 彭=pen 皮=pi "
        "平=pin 珀=per 普=p,pu 奇=ch,chi 齐齊=zi,qi 乔喬=jo,geo 切=che 丘=chu 让讓=jean 热熱=ra,ge 日=ge,j "
        "瑞=re,ri,ra 若=jo 萨薩=sa,za 塞=se,ce 赛賽=se,sai,cy 桑=san,son 瑟=th,s 沙=sha 莎=sa,sha 珊=san "
        "山=shan,san 尚=chan,jean 舍=she 圣聖=saint 施=sch,shi 什=sh,ch,s 史=s,sh 舒=shu,schu 斯=s,th,ce "
        "思=s,th 丝絲=s,ce 司=s 索=so,tho 松=son 苏蘇=su,sou 塔=ta 泰=tai,ty,te 坦=tan 汤湯=tom,thom 唐=don "
        "陶=tau 特=t,te,tt 滕=ten 提=ti,t,te 托=to,tho 图圖=tu 瓦=va,wa 万萬=van,ivan 旺=wan 威=wi,vi "
        "韦韋=we,va 维維=vi,wi,vy 卫衛=vid,we 温溫=win,ven 文=vin,ven 沃=wo,vo 乌烏=u,oo 武=wu 伍=woo,wu "
        "西=si,ci,shi 希=hi,si,shi 锡錫=si,ci 夏=cha,sha 肖=shaw 谢謝=she 辛=sin,cin 欣=hin 兴興=hin 休=hu "
        "修=hu,shu 雅=ya,ja 亚亞=a,ya,ia 娅婭=a,ia,ya 扬揚=yan,jan 杨楊=yan,jan 耶=ye,je 叶葉=ye,e 伊=i,e "
        "易=i 因=in,ein 英=in 尤=yu,ju 约約=jo,yo,io 泽澤=z,ze 扎=za,ta 詹=jam,jan 珍=jane,jen 朱=ju 佐=zo "
        "兹茲=z,s,ts 宗=zon 祖=zu 买買=ma,me 依=i 吾=u,w 不=b,bu 都=du,d 合=h,he 江=jan 孜=z 汗=khan,han "
        "别=be 次=tse 仁=ring,ren 卓=dol,dro 央=yang 增=zin 得=ter,te,de 斐=phi,fi 琼瓊=jo 茨=ts,z 策=ze,tse "
        "芙=f 芭=ba 黛=de 柯=co,ke 罕=han 森=son,sen,s 逊遜=son 孙孫=son,sun 列=le 申=shen 沈=shen 治=ge "
        "诗詩=s 缇緹=ti 拿=na 谟謨=mo 涅=ne 捷=te,de 契=chi 钦欽=chin 娃=va 耐=ne"
    ).items()
    for character in characters
}
_ONLY_FOREIGN = frozenset(
    "阿埃奥奧巴贝貝彼卜布迪蒂尔爾弗夫菲戈格哈赫亨卡克拉莱萊勒里莉利伦倫罗羅洛玛瑪麦麥穆默姆纳"
    "納娜尼妮诺諾帕普萨薩塞赛賽莎斯丝絲塔特提托瓦维維沃乌烏西锡錫亚亞娅婭伊约約扎兹茲买買孜吾"
)
"""Of these a foreign name has one at least."""
_LONGEST = 8


def is_from_elsewhere(word: str) -> bool:
    """True where each character stands for a foreign syllable, and one of them hardly for anything else."""
    return 1 < len(word) <= _LONGEST and all(map(_SYLLABLES.__contains__, word)) and not _ONLY_FOREIGN.isdisjoint(word)


def romanisations(word: str) -> tuple[str, ...]:
    """Of a word that `is_from_elsewhere`."""
    return likeliest([_SYLLABLES[character] for character in word])
