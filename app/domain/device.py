"""What to call a device, from what its browser says of itself."""

import re

_SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android[^;)]*; (?!K\))([^;)]{2,40}?)(?: Build/[^;)]*)?\)", None),  # the model, where it still says so
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"Mac OS X|Macintosh", "Mac"),
    (r"CrOS", "Chromebook"),
    (r"Linux", "Linux"),
)
# the more particular first: most browsers also claim to be the ones they descend from
_BROWSERS = (
    (r"Edg(?:A|iOS)?/", "Edge"),
    (r"OPR/", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/", "Chrome"),
    (r"Safari/", "Safari"),
)


def device_name(user_agent: str) -> str:
    """ "Firefox on Linux", "Safari on iPhone"; "A browser" when it does not say. People may rename it."""
    browser = next((word for pattern, word in _BROWSERS if re.search(pattern, user_agent)), None)
    system = None
    for pattern, word in _SYSTEMS:
        if found := re.search(pattern, user_agent):
            system = word or found.group(1).strip()
            break
    return " on ".join(part for part in (browser or "A browser", system) if part)
