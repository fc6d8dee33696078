"""How often things occur in real dumps: counts measured on releases spread over a whole dump."""

from generator.randomness import spread, weighted

VARIOUS = (194, "Various")
UNKNOWN = (355, "Unknown Artist")
NO_ARTIST = (118760, "No Artist")
PLACEHOLDERS = frozenset({194, 355, 118760})
"""Artists that are credited but have no record of their own."""

GENRES = weighted({
    "Rock": 332, "Electronic": 267, "Pop": 182, "Folk, World, & Country": 112, "Classical": 67,
    "Jazz": 65, "Funk / Soul": 52, "Hip Hop": 43, "Stage & Screen": 36, "Latin": 30, "Blues": 24,
    "Reggae": 19, "Non-Music": 11, "Children's": 10, "Brass & Military": 2,
})  # fmt: skip
STYLES = weighted({
    "Pop Rock": 63, "House": 54, "Experimental": 50, "Deep House": 40, "Tech House": 33,
    "Alternative Rock": 31, "Punk": 28, "Techno": 27, "Synth-pop": 23, "Country": 23, "Vocal": 22,
    "Heavy Metal": 22, "Ballad": 21, "Indie Rock": 21, "Rock & Roll": 20, "Electro": 18,
    "Classic Rock": 18, "Hardcore": 18, "Folk": 17, "Chanson": 17, "Soundtrack": 17,
    "Romantic": 17, "Ambient": 16, "Downtempo": 16, "Hard Rock": 16, "Disco": 15, "Soul": 14,
    "Drum n Bass": 14, "Trance": 13, "Noise": 12, "Baroque": 12, "Swing": 11, "Bop": 10,
    "Schlager": 10, "Dub": 9, "Roots Reggae": 8, "Salsa": 8, "Jungle": 7, "IDM": 7, "Musical": 6,
    "Field Recording": 5, "Boom Bap": 5, "Black Metal": 9, "Minimal": 9, "Modern Classical": 6,
})  # fmt: skip
COUNTRIES = weighted({
    "US": 213, "Germany": 90, "UK": 72, "Japan": 57, "Italy": 44, "Canada": 40,
    "Netherlands": 39, "France": 33, "Spain": 31, "Russia": 31, "Europe": 24, "Australia": 21,
    "Sweden": 18, "Poland": 17, "Norway": 12, "Greece": 12, "Switzerland": 10,
    "Czechoslovakia": 8, "Denmark": 7, "UK & Europe": 7, "Rhodesia": 7, "Yugoslavia": 6,
    "Belgium": 6, "Israel": 6, "USA, Canada & Europe": 2, "Germany, Austria, & Switzerland": 2,
})  # fmt: skip
QUALITIES = {
    "artist": weighted({"Needs Major Changes": 612, "Needs Vote": 228, "Correct": 110}),
    "label": weighted(
        {"Needs Major Changes": 706, "Needs Vote": 170, "Correct": 73, "Complete and Correct": 1}
    ),
    "master": weighted({"Correct": 947, "Needs Vote": 3}),
    "release": weighted(
        {"Needs Vote": 853, "Correct": 84, "Complete and Correct": 6, "Needs Minor Changes": 7}
    ),
}
CARRIERS = weighted({
    "Vinyl": 472, "CD": 281, "File": 86, "Cassette": 74, "CDr": 30, "Box Set": 12, "DVD": 11,
    "Shellac": 9, "All Media": 5, "Reel-To-Reel": 2, "VHS": 2, "8-Track Cartridge": 1,
    "Acetate": 1, "Flexi-disc": 1,
})  # fmt: skip
QUANTITIES = weighted({
    "1": 882, "2": 46, "3": 24, "4": 9, "5": 7, "12": 4, "8": 4, "10": 3, "9": 2, "6": 2, "13": 1,
    "15": 1, "16": 1, "11": 1,
})  # fmt: skip
DESCRIPTIONS = weighted({
    "Album": 391, "LP": 235, '7"': 127, "45 RPM": 126, "Single": 115, '12"': 104,
    "Compilation": 98, "Reissue": 86, "Promo": 86, "Stereo": 71, "Limited Edition": 63,
    "MP3": 58, "EP": 55, "33 \u2153 RPM": 54, "Mono": 38, "Unofficial Release": 37,
    "Remastered": 30, "White Label": 18, "Maxi-Single": 16, "Numbered": 15, '10"': 14,
    "Repress": 14, "Sampler": 11, "Mini-Album": 11, "FLAC": 11,
})  # fmt: skip
IDENTIFIERS = weighted({
    "Matrix / Runout": 682, "Barcode": 320, "Rights Society": 211, "Other": 114,
    "Label Code": 83, "Mould SID Code": 62, "Mastering SID Code": 61, "Price Code": 22,
    "SPARS Code": 14, "ISRC": 7, "Pressing Plant ID": 4, "Dep\u00f3sito Legal": 3,
    "Distribution Code": 3, "ASIN": 2,
})  # fmt: skip
COMPANY_TYPES = weighted({
    "21:Published By": 284, "13:Phonographic Copyright (p)": 219, "14:Copyright (c)": 189,
    "23:Recorded At": 178, "9:Distributed By": 111, "10:Manufactured By": 98,
    "17:Pressed By": 89, "29:Mastered At": 80, "16:Made By": 41, "27:Mixed At": 39,
    "19:Printed By": 38, "4:Record Company": 36, "6:Licensed From": 24, "8:Marketed By": 23,
    "37:Produced For": 21, "30:Lacquer Cut At": 17, "5:Licensed To": 13,
    "31:Glass Mastered At": 11, "26:Produced At": 7, "24:Engineered At": 7, "28:Remixed At": 6,
    "36:Edited At": 5, "33:Designed At": 5, "39:Recorded By": 4, "35:Remastered At": 4,
    "34:Filmed At": 3, "7:Licensed Through": 3, "38:Manufactured For": 2, "18:Duplicated By": 2,
    "42:Exclusive Retailer": 2, "25:Overdubbed At": 1,
})  # fmt: skip
ROLES = {
    "Written-By": 2050, "Producer": 526, "Composed By": 239, "Music By": 221, "Vocals": 220,
    "Lyrics By": 208, "Remix": 200, "Guitar": 198, "Drums": 168, "Bass": 140, "Lead Vocals": 125,
    "Engineer": 119, "Mastered By": 119, "Featuring": 118, "Arranged By": 115, "Mixed By": 112,
    "Backing Vocals": 108, "Piano": 103, "Recorded By": 96, "Performer": 93, "Written By": 82,
    "Photography By": 66, "Executive-Producer": 62, "Keyboards": 46, "Violin": 38,
    "Orchestra": 38, "Design": 37, "Conductor": 36, "Trumpet": 35, "Saxophone": 30, "Artwork": 30,
    "Liner Notes": 24, "Percussion": 24, "Synthesizer": 20, "Cello": 14, "Viola": 10,
    "Lacquer Cut By": 30, "Compiled By": 12, "DJ Mix": 10, "Choir": 9, "Presenter": 8,
}  # fmt: skip
ROLE_DETAILS = (
    "Additional", "Assistant", "All Tracks By", "Music, Lyrics", "Source Material", "1st",
    "Remixed And Reinterpreted By", "Rhythm, Lead", "Uncredited", "Tenor", "Cover, Inner Sleeve",
)  # fmt: skip
JOINS = weighted({
    ",": 107, "/": 31, "&": 22, "-": 11, "And": 10, "Feat.": 9, "Featuring": 6, "\u2022": 5,
    "With": 4, ".": 4, "vs.": 2, "Con": 2, "Conducted By": 2, "Presents": 2, " & ": 1, "=": 1,
})  # fmt: skip
SOCIETIES = weighted(
    {"BIEM": 30, "GEMA": 40, "ASCAP": 50, "BMI": 40, "JASRAC": 15, "BIEM/STEMRA": 20}
)
SITES = (
    "www.facebook.com", "soundcloud.com", "twitter.com", "www.instagram.com", "myspace.com",
    "en.wikipedia.org/wiki", "www.youtube.com/user", "www.imdb.com/name", "vimeo.com",
)  # fmt: skip
ODD_DATES = ("1980s", "200?", "20061014", "\uff11\uff19\uff19\uff19", "\u0661\u0669\u0669\u0660")

TRACKS = spread(
    [
        (0, 1),
        (0.05, 1),
        (0.25, 3),
        (0.5, 7),
        (0.75, 10),
        (0.9, 14),
        (0.95, 17),
        (0.99, 36),
        (1, 110),
    ]
)
RELEASE_ARTISTS = spread([(0, 1), (0.85, 1), (0.95, 2), (0.99, 4), (1, 10)])
RELEASE_CREDITS = spread(
    [(0, 0), (0.424, 0), (0.5, 1), (0.75, 4), (0.9, 11), (0.95, 17), (0.99, 29), (1, 56)]
)
TRACK_ARTISTS = spread([(0, 1), (0.85, 1), (0.97, 2), (1, 5)])
TRACK_CREDITS = spread([(0, 1), (0.2, 2), (0.5, 7), (0.7, 11), (0.86, 20), (0.97, 48), (1, 250)])
SUB_TRACKS = spread([(0, 1), (0.5, 6), (0.9, 22), (1, 60)])
LABELS = spread([(0, 1), (0.89, 1), (0.97, 2), (0.995, 3), (1, 6)])
GENRE_COUNTS = spread([(0, 1), (0.77, 1), (0.92, 2), (0.98, 3), (1, 6)])
STYLE_COUNTS = spread([(0, 0), (0.13, 0), (0.6, 1), (0.85, 2), (0.95, 3), (0.99, 5), (1, 10)])
FORMAT_COUNTS = spread([(0, 1), (0.98, 1), (0.995, 2), (1, 10)])
DESCRIPTION_COUNTS = spread([(0, 0), (0.03, 0), (0.25, 1), (0.7, 2), (0.93, 3), (0.99, 4), (1, 8)])
IDENTIFIER_COUNTS = spread(
    [(0, 0), (0.486, 0), (0.68, 1), (0.78, 2), (0.9, 5), (0.99, 11), (1, 50)]
)
VIDEO_COUNTS = spread(
    [(0, 0), (0.495, 0), (0.6, 1), (0.78, 3), (0.9, 6), (0.95, 9), (0.99, 17), (1, 29)]
)
COMPANY_COUNTS = spread(
    [(0, 0), (0.562, 0), (0.7, 1), (0.78, 2), (0.9, 5), (0.95, 7), (0.99, 12), (1, 37)]
)
MASTER_VIDEOS = spread(
    [(0, 0), (0.442, 0), (0.57, 1), (0.77, 2), (0.9, 5), (0.95, 8), (0.99, 14), (1, 50)]
)
IMAGES = spread([(0, 0), (0.3, 1), (0.6, 3), (0.9, 6), (0.99, 12), (1, 40)])
VARIATIONS = spread([(0, 1), (0.55, 1), (0.8, 3), (0.96, 9), (0.995, 30), (1, 100)])
URLS = spread([(0, 1), (0.5, 1), (0.8, 3), (0.95, 8), (1, 20)])
SENTENCES = spread([(0, 1), (0.45, 1), (0.7, 2), (0.85, 4), (0.95, 7), (0.99, 15), (1, 50)])
LONG_SENTENCES = spread([(0, 1), (0.6, 1), (0.75, 2), (0.93, 6), (0.99, 20), (1, 110)])
