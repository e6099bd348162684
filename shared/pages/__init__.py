"""What the services' pages share: templates, languages, style sheets, and the headers that keep a page to itself.

Pages work without JavaScript, at 360 px, by keyboard, in both directions of writing.
"""

from shared.pages.forms import FormData, check_origin, csrf_token, posted, require_csrf
from shared.pages.languages import LANGUAGES, Language, language_of, marked, say, translations
from shared.pages.site import ASSETS_PATH, HEADERS, Site, assets_app

__all__ = [
    "ASSETS_PATH",
    "HEADERS",
    "LANGUAGES",
    "FormData",
    "Language",
    "Site",
    "assets_app",
    "check_origin",
    "csrf_token",
    "language_of",
    "marked",
    "posted",
    "require_csrf",
    "say",
    "translations",
]
