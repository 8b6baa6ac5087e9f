"""The colours: enough contrast for what they carry, and five severities that no common vision confuses."""

import re
from itertools import combinations
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "static" / "css" / "tokens.css").read_text(encoding="utf-8")
NAMED = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", CSS)
}
MEANS = dict(re.findall(r"--([\w-]+): var\(--([\w-]+)\)", CSS))
LEVELS = [f"level-{level}" for level in range(1, 6)]

# How dichromats see linear light: Machado, Oliveira and Fernandes (2009), severity 1.
VISIONS = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.1523, 1.0526, -0.2049), (0.1145, 0.7863, 0.0992), (-0.0039, -0.0481, 1.0520)),
    "deutan": ((0.3673, 0.8606, -0.2280), (0.2801, 0.6725, 0.0474), (-0.0118, 0.0429, 0.9689)),
    "tritan": ((1.2555, -0.0767, -0.1788), (-0.0784, 0.9308, 0.1476), (0.0047, 0.6914, 0.3039)),
}  # fmt: skip


def linear(hexadecimal: str) -> list[float]:
    """Red, green and blue as light, 0 to 1."""
    channels = [int(hexadecimal[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2, 1 to 21."""
    lights = sorted(
        sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))
        for colour in (one, other)
    )
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def lab(light: list[float]) -> list[float]:
    red, green, blue = light
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)]


def difference(one: str, other: str, vision: str) -> float:
    """CIE76, as somebody with that vision sees it."""
    first, second = (lab([dot(row, linear(hue)) for row in VISIONS[vision]]) for hue in (one, other))
    return float(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5)


def dot(row: tuple[float, ...], light: list[float]) -> float:
    """One channel of what is seen, kept between dark and full light."""
    return min(max(sum(share * channel for share, channel in zip(row, light, strict=True)), 0), 1)


def colour(meaning: str, theme: str) -> str:
    return NAMED[MEANS.get(meaning, meaning)][theme]


def test_components_use_meanings_and_no_colours_of_their_own() -> None:
    for path in Path(__file__).parents[2].glob("static/css/*.css"):
        if path.name == "tokens.css":
            continue
        css = path.read_text(encoding="utf-8")
        assert not re.search(r"#[0-9A-Fa-f]{3,8}\b(?![\w-]*\s*\{)", css), path.name
        used = set(re.findall(r"var\(--([\w-]+)\)", css))
        assert used <= set(re.findall(r"--([\w-]+):", CSS + css)), path.name
        names = {name for name in used & set(NAMED) if not name.startswith(("series", "on-series"))}
        assert not names, f"{path.name} uses the names {names}; a component uses meanings"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "on", "at_least"),
    [
        ("ink", "surface", 14), ("ink", "sunken", 13), ("muted", "surface", 7), ("muted", "sunken", 6.7),
        ("faint", "surface", 5.8), ("faint", "sunken", 4.9), ("on-accent", "accent", 7.1),
        ("accent", "canvas", 6.5),
        ("accent-ink", "accent-soft", 7.3), ("ok", "surface", 7.1), ("ok", "ok-soft", 6),
        ("warn", "surface", 7.3),
        ("warn", "warn-soft", 6.2), ("danger", "surface", 7.2), ("danger", "danger-soft", 5.9),
        ("pending", "surface", 7.8), ("pending", "pending-soft", 6.5), ("control", "surface", 4),
        ("control", "sunken", 3.4), ("canvas", "ink", 13),
        *((f"on-{level}", level, 4.9) for level in LEVELS),
    ],
)  # fmt: skip
def test_text_stands_out_from_what_it_is_on(text: str, on: str, at_least: float, theme: str) -> None:
    assert contrast(colour(text, theme), colour(on, theme)) >= at_least


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("vision", VISIONS)
def test_no_two_severities_look_alike(vision: str, theme: str) -> None:
    for one, other in combinations(LEVELS, 2):
        apart = difference(colour(one, theme), colour(other, theme), vision)
        assert round(apart, 1) >= 12, (one, other)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_initials_can_be_read_on_every_persons_colour(theme: str) -> None:
    for number in range(1, 7):
        ink = "on-series-3" if number == 3 else "on-series"
        assert contrast(colour(ink, theme), colour(f"series-{number}", theme)) >= 4.5, number
