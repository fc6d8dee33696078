"""Words, titles, sentences and names, all made of syllables and all drawn from one seed."""

from collections.abc import Callable

from generator import syllables
from generator.randomness import Purpose, Stream, mix

LATIN_WORDS = 4096
FOREIGN_WORDS = 256
PIECES = 8192
FOREIGN_PIECES = 1024
SENTENCES = 4096
LENGTHS = (1, 2, 2, 2, 3, 3, 4)
"""Syllables of a word."""


def _latin(stream: Stream) -> str:
    word = "".join(stream.pick(syllables.LATIN) for _ in range(stream.pick(LENGTHS)))
    if stream.chance(0.005):
        word += stream.pick(syllables.ACCENTED)
    return word + stream.pick(syllables.ENDINGS)


def _foreign(stream: Stream) -> str:
    script = stream.pick(
        (
            syllables.CYRILLIC,
            syllables.CYRILLIC,
            syllables.JAPANESE,
            syllables.JAPANESE,
            syllables.HEBREW,
            syllables.ARABIC,
        )
    )
    return "".join(stream.pick(script) for _ in range(2 + stream.below(3)))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


class Vocabulary:
    """The language of one catalogue: the same seed speaks the same words."""

    def __init__(self, seed: int) -> None:
        """Coin every word, piece of a title and sentence; a tenth of a second, a few MB."""
        stream = Stream(mix(seed, Purpose.WORDS, 0, 0))
        self.words = self._coin(stream, _latin, LATIN_WORDS)
        self.foreign = self._coin(stream, _foreign, FOREIGN_WORDS)
        self.pieces = self._coin(stream, self._piece, PIECES)
        self.foreign_pieces = self._coin(stream, self._foreign_piece, FOREIGN_PIECES)
        self.sentences = self._coin(stream, self._sentence, SENTENCES)

    @staticmethod
    def _coin(stream: Stream, make: Callable[[Stream], str], count: int) -> tuple[str, ...]:
        return tuple(make(stream) for _ in range(count))

    def _word(self, stream: Stream) -> str:
        return stream.pick(self.foreign if stream.chance(0.001) else self.words)

    def _piece(self, stream: Stream) -> str:
        words = [_capital(self._word(stream)) for _ in range(1 + stream.below(2))]
        if stream.chance(0.002):
            words[0] += stream.pick(syllables.ODDITIES)
        if stream.chance(0.001):
            words.append(stream.pick(syllables.EMOJI))
        if stream.chance(0.02):
            words.append("&")
            words.append(_capital(self._word(stream)))
        return " ".join(words)

    def _foreign_piece(self, stream: Stream) -> str:
        return " ".join(_capital(stream.pick(self.foreign)) for _ in range(1 + stream.below(3)))

    def _sentence(self, stream: Stream) -> str:
        words = [self._word(stream) for _ in range(3 + stream.below(11))]
        if stream.chance(0.01):
            words.append(stream.pick(syllables.ODDITIES) + stream.pick(syllables.EMOJI))
        if stream.chance(0.02):
            words.append("<" + stream.pick(words) + ">")
        mark = stream.pick((".", ".", ".", ".", "!", ":", " (\u2117 & \u00a9)."))
        return _capital(" ".join(words)) + mark

    def title(self, stream: Stream, foreign: bool = False) -> str:
        """Draw the title of a release, about twenty characters long."""
        return self._pieces(stream, foreign, 0.42)

    def track_title(self, stream: Stream, foreign: bool = False) -> str:
        """Draw the title of a track, rather shorter, at times with its version."""
        title = self._pieces(stream, foreign, 0.28)
        if stream.chance(0.07):
            version = stream.pick(("Mix", "Remix", "Version", "Edit", "Live", "Dub"))
            return f"{title} ({stream.pick(self.pieces)} {version})"
        return title

    def _pieces(self, stream: Stream, foreign: bool, more: float) -> str:
        pieces = self.foreign_pieces if foreign else self.pieces
        title = stream.pick(pieces)
        while len(title) < 150 and stream.chance(more):
            title = f"{title} {stream.pick(pieces)}"
        return title

    def text(self, stream: Stream, sentences: int) -> str:
        """Draw free text: sentences, most on one line, some on lines of their own."""
        lines = [stream.pick(self.sentences) for _ in range(sentences)]
        breaks = stream.random()
        return (" " if breaks < 0.6 else "\r\n" if breaks < 0.85 else "\n\n").join(lines)

    def artist_name(self, bits: int) -> str:
        """Name an artist by 64 random bits: a person, a band, one word, or now and then none."""
        words = self.foreign if (bits >> 24) % 18 == 0 else self.words
        first = _capital(words[(bits & 0xFFFF) % len(words)])
        second = _capital(words[(bits >> 16 & 0xFFFF) % len(words)])
        kind = (bits >> 32) % 1000
        if kind < 640:
            name = f"{first} {second}"
        elif kind < 740:
            name = f"The {second}s"
        elif kind < 810:
            name = f"{first} & {second}"
        elif kind < 850:
            name = f"DJ {first}"
        else:
            name = first
        return name + self._suffix(bits >> 42, 170)

    def label_name(self, bits: int) -> str:
        """Name a label by 64 random bits."""
        words = self.foreign if (bits >> 25) % 64 == 0 else self.words
        first = _capital(words[(bits & 0xFFFF) % len(words)])
        second = _capital(words[(bits >> 16 & 0xFFFF) % len(words)])
        kind = (bits >> 32) % 1000
        if kind < 50:
            return f"Not On Label ({first} {second} Self-released)"
        if kind < 300:
            return f"{first} {second}" + self._suffix(bits >> 42, 60)
        ending = ("Records", "Recordings", "Music", "Productions", "Studios", "Ltd.")[kind % 6]
        name = f"{first} {second}" if kind % 5 < 2 else first
        return f"{name} {ending}" + self._suffix(bits >> 42, 120)

    @staticmethod
    def _suffix(bits: int, per_mille: int) -> str:
        """Tell artists of one name apart as Discogs does: `` (2)``."""
        number, drawn = divmod(bits, 1000)
        if drawn >= per_mille:
            return ""
        return f" ({number % 8 + 2})" if number % 16 else f" ({number % 200 + 2})"
