"""The syllables that words are made of, by script.  No word is taken from anywhere."""

# ruff: noqa: RUF001 - other scripts are the point here

LATIN = (
    "ba", "be", "bo", "bri", "ca", "co", "cle", "da", "de", "dri", "do", "el", "en", "er", "fa",
    "fi", "flo", "ga", "gle", "gra", "ha", "he", "hol", "in", "is", "ja", "ju", "ka", "ki", "kra",
    "la", "le", "li", "lo", "lum", "ma", "me", "mi", "mo", "na", "ne", "ni", "no", "ol", "on",
    "or", "pa", "pe", "pla", "po", "que", "ra", "re", "ri", "ro", "ru", "sa", "se", "si", "so",
    "sta", "ta", "te", "ti", "to", "tra", "tu", "ul", "un", "va", "ve", "vi", "wa", "we", "wi",
    "ya", "ze", "zo",
)  # fmt: skip
ENDINGS = ("", "", "", "n", "r", "s", "t", "l", "m", "nd", "ck", "sh", "ng", "th")
ACCENTED = (
    "bå", "cé", "dö", "ère", "fü", "gá", "hø", "ík", "jó", "kö", "lä", "mé", "ña", "ó", "põ",
    "ré", "sø", "šu", "tü", "ú", "vê", "wä", "ý", "ži", "ção", "ła", "ě", "ğı", "ő", "þo",
)  # fmt: skip
CYRILLIC = (
    "ба", "ве", "го", "да", "жи", "за", "ка", "ли", "мо", "на", "ор", "пе", "ра", "со", "ту",
    "фе", "хо", "ша", "юр", "яв", "ный", "ец", "ова",
)  # fmt: skip
JAPANESE = (
    "あ", "き", "さ", "と", "の", "み", "ゆ", "ア", "ド", "ラ", "ミ", "ン", "ー", "山", "川", "音",
    "夜", "花", "星", "歌", "楽", "東", "海",
)  # fmt: skip
HEBREW = ("א", "ב", "גי", "דו", "ה", "ול", "חן", "יר", "כל", "מי", "נו", "שי", "תם", "רון")
ARABIC = ("ال", "با", "تر", "جم", "حب", "دي", "را", "سم", "عل", "في", "كا", "لي", "من", "نو")

ODDITIES = (
    "\u0091", "\u00a0", "\u200b", "\u200e", "\ufffd", "\u2028", "\u00ad", "e\u0301", "â…“",
)  # fmt: skip
"""What the dumps hold now and then: a C1 control, spaces without width, damage, mojibake."""
EMOJI = ("🎵", "🔥", "❤️", "🎧", "👩‍🎤", "🇯🇵", "💿")
