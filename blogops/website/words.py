"""The words of the theme and the names of the months, without the machine's locales."""

import datetime as dt

_FRENCH = {
    "skip": "Aller au contenu",
    "home": "Accueil",
    "archives": "Archives",
    "categories": "Catégories",
    "tags": "Mots-clés",
    "authors": "Auteurs",
    "category": "Catégorie",
    "tag": "Mot-clé",
    "author": "Auteur",
    "by": "par",
    "updated": "mis à jour le",
    "older": "Articles plus anciens",
    "newer": "Articles plus récents",
    "previous": "Article précédent",
    "next": "Article suivant",
    "page": "page",
    "feed": "Flux Atom",
    "lost": "Page introuvable",
    "lost_text": "Cette page n’existe pas, ou n’existe plus. Les archives listent tout ce qui a été publié.",
    "empty": "Rien n’est encore publié.",
    "menu": "Menu",
    "around": "Articles voisins",
    "also": "Aussi en",
    "colon": "\u00a0: ",
}
_ENGLISH = {
    "skip": "Skip to content",
    "home": "Home",
    "archives": "Archives",
    "categories": "Categories",
    "tags": "Tags",
    "authors": "Authors",
    "category": "Category",
    "tag": "Tag",
    "author": "Author",
    "by": "by",
    "updated": "updated",
    "older": "Older posts",
    "newer": "Newer posts",
    "previous": "Previous post",
    "next": "Next post",
    "page": "page",
    "feed": "Atom feed",
    "lost": "Page not found",
    "lost_text": "This page does not exist, or not any more. The archives list all that was published.",
    "empty": "Nothing is published yet.",
    "menu": "Menu",
    "around": "Neighbouring posts",
    "also": "Also in",
    "colon": ": ",
}
_FRENCH_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_LANGUAGES = {"fr": "français", "en": "English", "de": "Deutsch", "es": "español", "it": "italiano"}


def words(language: str) -> dict[str, str]:
    """Return the theme's words in *language*; English for a language without a table."""
    return _FRENCH if language.startswith("fr") else _ENGLISH


def shown_date(day: dt.date, language: str) -> str:
    """Return *day* as a reader of *language* writes it: "1er août 2026", "1 August 2026"."""
    if language.startswith("fr"):
        number = "1er" if day.day == 1 else str(day.day)
        return f"{number} {_FRENCH_MONTHS[day.month - 1]} {day.year}"
    return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"


def language_name(language: str) -> str:
    """Return the name of *language* in itself, or its code."""
    return _LANGUAGES.get(language.split("-")[0], language)
