"""What hangs on several entities: videos, images, links."""

from common.records import Image, Video
from generator import facts
from generator.catalogue import Draft

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
DESCRIPTION_LIMIT = 255
"""Dumps cut a video's description off at so many characters."""


def video(draft: Draft, artist: str) -> Video:
    """Make a video with a title and, most often, a description."""
    key = _letters(draft.below(1 << 48), 8) + _letters(draft.below(1 << 18), 3)
    title = draft.title()
    made: Video = {
        "src": f"https://www.youtube.com/watch?v={key}",
        "duration": 60 + draft.low(500) if draft.chance(0.98) else 0,
        "embed": draft.chance(0.995),
        "title": f"{artist} - {title}"[:100].strip(),
    }
    if draft.chance(0.85):
        made["description"] = _description(draft, artist, title)
    return made


def _letters(bits: int, count: int) -> str:
    return "".join(LETTERS[bits >> 6 * place & 63] for place in range(count))


def _description(draft: Draft, artist: str, title: str) -> str:
    drawn = draft.random()
    if drawn < 0.3:
        return f"{artist} - {title}"[:DESCRIPTION_LIMIT]
    if drawn < 0.42:
        text = f"Label:\r\n{title} \u200e\u2013 {draft.below(999):03d}\r\nReleased:\r\n{artist}"
    elif drawn < 0.65:
        text = (
            f"Provided by {artist}\n\n{title} \u00b7 {artist}\n\n\u2117 {1960 + draft.below(66)} "
        )
    else:
        text = ""
    text += draft.words.text(draft, 1 + draft.below(5))
    return text[:DESCRIPTION_LIMIT].strip() or "."


def images(draft: Draft) -> list[Image]:
    """Make the images of the old shape: their addresses are empty since 2015."""
    count = draft.pick(facts.IMAGES)
    return [
        {
            "type": "secondary" if place else "primary",
            "width": 600 if draft.chance(0.7) else 150 + draft.below(450),
            "height": 600 if draft.chance(0.6) else 150 + draft.below(450),
        }
        for place in range(count)
    ]


def urls(draft: Draft, name: str) -> list[str]:
    """Make the links of an artist or label."""
    handle = "_".join(name.split()) or "none"
    return [_url(draft, handle) for _ in range(draft.pick(facts.URLS))]


def _url(draft: Draft, handle: str) -> str:
    if draft.chance(0.3):
        return f"http://www.{draft.pick(draft.words.words)}{draft.pick(draft.words.words)}.com/"
    query = "?a=1&b=2" if draft.chance(0.03) else ""
    return f"https://{draft.pick(facts.SITES)}/{handle}{query}"


def prose(draft: Draft, sentences: int) -> str:
    """Write a profile or notes, at times with Discogs' own markup."""
    text = draft.words.text(draft, sentences)
    if draft.chance(0.7):
        return text
    name = draft.words.artist_name(draft.below(1 << 52))
    marks = (
        f"[a={name}]", f"[a{1 + draft.below(10_000)}]", f"[l={name}]", "[l12]",
        f"[m={draft.below(999)}]",
        f"[r={draft.below(999)}]", f"[url=http://www.discogs.com/?q=1&t=2]{name}[/url]",
        f"[b]{name}[/b]", f"[i]{name}[/i]", f"[u]{name}[/u]",
    )  # fmt: skip
    return f"{text} {draft.pick(marks)}"
