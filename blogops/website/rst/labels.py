"""The few words that docutils lacks, by language."""

_WORDS = {
    "anchor": {"en": "Link to:", "fr": "Lien vers :", "de": "Link zu:", "es": "Enlace a:"},
    "contents": {"en": "Contents", "fr": "Sommaire", "de": "Inhalt", "es": "Contenido"},
    "table": {"en": "Table", "fr": "Tableau", "de": "Tabelle", "es": "Tabla"},
    "video": {"en": "Video", "fr": "Vidéo", "de": "Video", "es": "Vídeo"},
}


def label(name: str, language: str) -> str:
    """Return a word in *language*, or in English."""
    words = _WORDS[name]
    return words.get(language.split("-")[0].lower(), words["en"])
