"""What no message may say, per language: fates, the search, kin, agencies, places, haste. Stems, as texts would write
them; they are looked for at the beginning of words, in scripts that join words anywhere."""

from __future__ import annotations

_STEMS = {
    "everywhere": (
        "dead|died|death|alive|found|missing|tracing|traced|relative|family|urgent|immediately|"
        "hospital|prison|police|border|camp|court|embassy|icrc|ifrc|iom|unhcr|unicef|msf|nrc|icmp|"
        "croissant|red cross|red crescent|rescued|safe|body|grave|morgue|kinbridge"
    ),
    "en": ("identif|trace|search|son|daughter|brother|mother|news|hurry|quick|soon"),
    "fr": (
        "mort|décéd|vivant|en vie|dispar|trouv|retrouv|recherch|famill|proche|urgen|croix-rouge|"
        "croix rouge|croissant|hôpit|prison|polic|frontièr|vite|nouvelles"
    ),
    "es": (
        "muert|fallec|vivo|viva|con vida|desaparec|encontrad|búsqueda|buscar|famili|urgen|"
        "cruz roja|media luna|hospital|cárcel|prisión|policía|frontera|noticia"
    ),
    "pt": (
        "mort|falec|vivo|viva|com vida|desaparec|encontrad|busca|procura|famíli|urgen|"
        "cruz vermelha|crescente|hospital|prisão|cadeia|polícia|fronteira|notícia"
    ),
    "ar": (
        "توفي|وفاة|متوف|ميت|شهيد|قتيل|على قيد|مفقود|عثر|وجدنا|البحث|قريب|عائل|عاجل|الصليب|الهلال|"
        "مستشفى|سجن|شرطة|حدود|مخيم|أخبار"
    ),
    "zh": (
        "死|去世|遗体|活着|生还|失踪|找到|下落|寻|亲|家人|紧急|尽快|红十字|红新月|难民署|移民组织|医院|监狱|警|边境|新闻"
    ),
    "ru": (
        "умер|погиб|смерт|мёртв|мертв|живой|живая|живы|пропа|найд|нашл|розыск|поиск|родствен|семь|"
        "сроч|красн|больниц|тюрьм|полици|границ|новост"
    ),
    "de": (
        "tot|tod|gestorb|verstorb|lebend|am leben|vermiss|gefund|suchdienst|suche|angehörig|famili|"
        "dringend|rotes kreuz|roten kreuz|halbmond|krankenhaus|spital|gefängnis|polizei|grenze|"
        "neuigkeit|schnell"
    ),
    "it": (
        "mort|decedut|vivo|viva|in vita|scompars|dispers|trovat|ritrovat|ricerc|famil|parent|urgen|"
        "croce rossa|mezzaluna|ospedale|prigione|carcere|polizia|notizi"
    ),
    "am": ("ሞት|ሞተ|ሞቱ|በሕይወት|በህይወት|ጠፋ|የጠፉ|ተገኝ|ተገኘ|ፍለጋ|ዘመድ|ቤተሰብ|አስቸኳይ|ቀይ መስቀል|ቀይ ጨረቃ|ሆስፒታል|እስር|ፖሊስ|ድንበር|ዜና"),
    "ti": ("ሞት|ሞይት|ሞይቱ|ብህይወት|ብሂወት|ጠፊኡ|ዝጠፍ|ተረኺብ|ተረኸበ|ምድላይ|ዘመድ|ስድራ|ህጹጽ|ቀይሕ መስቀል|ቀይሕ ወርሒ|ሆስፒታል|ማእሰርቲ|ፖሊስ|ዶብ|ዜና"),
    "so": (
        "dhint|dhimat|geeri|nool|la waay|lumay|la helay|baadi|raadi|qaraabo|qoys|degdeg|laanqayrta|"
        "bisha cas|isbitaal|xabsi|booli|xuduud|wararka"
    ),
    "bn": ("মৃত|মারা|মৃত্যু|জীবিত|বেঁচে|নিখোঁজ|খুঁজে|পাওয়া|পাওয়া|আত্মীয়|পরিবার|জরুরি|রেড ক্রস|রেড ক্রিসেন্ট|হাসপাতাল|জেল|কারাগার|পুলিশ|সীমান্ত|খবর"),
    "fa": (
        "مرده|مرگ|فوت|درگذشت|زنده|گمشده|گم شده|مفقود|پیدا|یافت|جستجو|خویشاوند|خانواده|فوری|صلیب|"
        "هلال|بیمارستان|زندان|پلیس|مرز|خبر"
    ),
    "uk": (
        "помер|загину|смерт|мертв|живий|жива|живі|зник|знайд|знайш|розшук|пошук|родич|родин|термін|"
        "червон|лікарн|в'язниц|поліці|кордон|новин"
    ),
    "my": ("သေဆုံး|ကွယ်လွန်|အသက်ရှင်|ပျောက်ဆုံး|တွေ့ရှိ|ရှာဖွေ|ဆွေမျိုး|မိသားစု|အရေးပေါ်|ကြက်ခြေနီ|လခြမ်းနီ|ဆေးရုံ|ထောင်|ရဲစခန်း|နယ်စပ်|သတင်း"),
}

NEVER_SAID = {tag: stems.split("|") for tag, stems in _STEMS.items()}

EVERYWHERE = NEVER_SAID.pop("everywhere")
"""Whole words, looked for in every language."""
