"""Typography: what is set, what is left alone, in plain text and in docutils' trees."""

import random

import pytest
from docutils import nodes
from docutils.core import publish_doctree

from blogops.website.typography import typeset, typeset_document

# Seen as ~ (no-break space) and _ (narrow no-break space) in the tables below.
FRENCH = [
    # ; ! ?
    ("Oui !", "Oui_!"),
    ("Oui!", "Oui_!"),
    ("Vraiment ?! Si !!", "Vraiment_?! Si_!!"),
    ("Vraiment?! Si!!", "Vraiment_?! Si_!!"),
    ("un ; deux; trois", "un_; deux_; trois"),
    ("Oui\u00a0! Non\u2009? Bon\n;", "Oui_! Non_? Bon_;"),
    ("(vraiment ?) et [sic !]", "(vraiment_?) et [sic_!]"),
    ("douteux (?) et (!)", "douteux (?) et (!)"),
    ("Le C++ ! Le C# ?", "Le C++_! Le C#_?"),
    ("Quoi... ? Quoi...?", "Quoi…_? Quoi…_?"),
    ("5! = 120, n! aussi, mais en 2012!", "5! = 120, n! aussi, mais en 2012_!"),
    ("Oui !\n\n! autre", "Oui_!\n\n! autre"),
    # :
    ("bonjour : voici", "bonjour~: voici"),
    ("bonjour: voici", "bonjour~: voici"),
    ("Étape 1: lire", "Étape 1~: lire"),
    ("à 11:30, au format 16:9, clé:valeur", "à 11:30, au format 16:9, clé:valeur"),
    ("à 11:30: café", "à 11:30: café"),
    ("Content-Type: text/html", "Content-Type: text/html"),
    ("ok :-) et :) et ;-) et (:", "ok :-) et :) et ;-) et (:"),
    ("std::vector et ceci ::", "std::vector et ceci ::"),
    ("le lecteur C: est plein", "le lecteur C: est plein"),
    ("trop\u202f: large", "trop~: large"),
    # « »
    ("«bonjour»", "«~bonjour~»"),
    ("« bonjour »", "«~bonjour~»"),
    ("«\u202fbonjour\u202f»", "«~bonjour~»"),
    ('"bonjour"', "«~bonjour~»"),
    ('" bonjour "', "«~bonjour~»"),
    ('Il dit : "Oui !"', "Il dit~: «~Oui_!~»"),
    ('"Oui"!', "«~Oui~»_!"),
    ('(dit "déjà", puis "non".)', "(dit «~déjà~», puis «~non~».)"),
    ('l\'"été" et l’"hiver"', "l’«~été~» et l’«~hiver~»"),
    ('"un "deux" trois"', "«~un “deux” trois~»"),
    ("« un \"deux\" 'trois' »", "«~un “deux” “trois”~»"),
    ("« nested “quotes” »", "«~nested “quotes”~»"),
    ('un écran de 15" et 3\' 20"', 'un écran de 15" et 3\' 20"'),
    ('un " seul', 'un " seul'),
    ("les guillemets « et », « »", "les guillemets «~et~», « »"),
    ('"http://exemple.fr/a?b" !', "«~http://exemple.fr/a?b~»_!"),
    # '
    ("l'été, aujourd'hui", "l’été, aujourd’hui"),
    ("'tis et rock 'n' roll", "’tis et rock ’n’ roll"),
    ("l'option 'utf-8'", "l’option 'utf-8'"),
    # dashes and dots
    ("le texte -- dit-on -- est long", "le texte –~dit-on~– est long"),
    ("le texte — dit-on — est long", "le texte —~dit-on~— est long"),
    ("le texte --- dit-on --- est long", "le texte —~dit-on~— est long"),
    ("-- Bonjour", "–~Bonjour"),
    ("un -- deux. Trois -- quatre", "un –~deux. Trois –~quatre"),
    ("pages 12--15", "pages 12–15"),
    ("--help, a--b, <!-- x -->, ----", "--help, a--b, <!-- x -->, ----"),
    ("Eh bien... etc... [...] (...)", "Eh bien… etc… […] (…)"),
    ("../... et main...autre et f(...)", "../... et main...autre et f(...)"),
    # numbers
    ("10 000 lignes", "10_000 lignes"),
    ("1\u00a0234\u00a0567 €", "1_234_567~€"),
    ("en 2012 300 personnes, 06 12 345 678", "en 2012 300 personnes, 06 12 345 678"),
    ("100 % de 5 km à 20 °C", "100~% de 5~km à 20~°C"),
    ("3 € pour 1,5 Go !", "3~€ pour 1,5~Go_!"),
    ("à 12 h 30, 90 km/h", "à 12~h~30, 90~km/h"),
    ("100%", "100%"),
    ("5 m'est égal, 5 mots", "5 m’est égal, 5 mots"),
    ("n° 5, p. 12, § 3", "n°~5, p.~12, §~3"),
    ("M. Dupont et Mme Durand, Dr. Who", "M.~Dupont et Mme~Durand, Dr.~Who"),
    ("au XIXe siècle", "au XIXe~siècle"),
    # what is no prose
    ("http://exemple.fr/?a=b;c!", "http://exemple.fr/?a=b;c!"),
    ("Voir http://exemple.fr/l'été !", "Voir http://exemple.fr/l'été_!"),
    ("moi@exemple.fr; /etc/l'hôte; C:\\l'été", "moi@exemple.fr; /etc/l'hôte; C:\\l'été"),
    ("a&nbsp;! &amp; b", "a&nbsp;! &amp; b"),
    ("i++; f(x); v1.2.3: ok", "i++; f(x); v1.2.3~: ok"),
    ("x != y && z", "x != y && z"),
    ("", ""),
]
OTHERS = [
    ('"Hello" -- he said', "en", "“Hello” – he said"),
    ("\"It's 'fine'\", they're told...", "en", "“It’s ‘fine’”, they’re told…"),
    ("a word---or two--ends; pages 3--5", "en", "a word—or two–ends; pages 3–5"),
    (
        "'Twas the dogs' day in the '90s, rock 'n' roll",
        "en",
        "’Twas the dogs’ day in the ’90s, rock ’n’ roll",
    ),
    ("'quoted \"inside\" text'", "en", "‘quoted “inside” text’"),
    ("Really ?! Yes : 10 000 km", "en-GB", "Really ?! Yes : 10 000 km"),
    ('run "git log --oneline"', "en", "run “git log --oneline”"),
    ("\"Ja, 'gut'\", sagt's", "de", "„Ja, ‚gut‘“, sagt’s"),
    ('"Ja"', "de-CH", "«Ja»"),
    ('¿Qué "dice"? ¡Sí! 10 000', "es", "¿Qué «dice»? ¡Sí! 10 000"),
    ("l'\"amico\" dell'uomo", "it", "l’«amico» dell’uomo"),
    ('o "livro"', "pt", "o «livro»"),
    ('o "livro"', "pt-BR", "o “livro”"),
    ('het "boek" \'s avonds', "nl", "het “boek” ’s avonds"),
    ('"日本" ! -- ...', "ja", '"日本" ! -- ...'),
    ('"x" !', "eo", '"x" !'),
    ('Oui! Non ! Un "mot" : 5 km', "fr-CA", "Oui! Non_! Un «~mot~»~: 5~km"),
    ('Oui! Un "mot" : "a "b""', "fr-CH", 'Oui_! Un «_mot_»_: "a "b""'),
    ("\"a 'b' c\"", "fr-CH", "«_a ‹b› c_»"),
    ("Oui!", "FR-fr", "Oui_!"),
]
VECTORS = [*((text, "fr", wanted) for text, wanted in FRENCH), *OTHERS]


def shown(text: str) -> str:
    return text.replace("\u00a0", "~").replace("\u202f", "_")


@pytest.mark.parametrize(("text", "language", "wanted"), VECTORS)
def test_text_is_set_as_its_language_is(text: str, language: str, wanted: str) -> None:
    once = typeset(text, language)
    assert shown(once) == wanted
    assert typeset(once, language) == once


def test_setting_twice_changes_nothing_more() -> None:
    # Seeded: the same texts on every run.
    chance = random.Random(4)  # noqa: S311
    signs = [
        *"\"'«»“”!?;:.-–—… \u00a0\u202f\n()[]%°/=",
        "...",
        "--",
        "l'",
        "mot",
        "M.",
        "12",
        "000",
        " km",
        "h",
    ]
    for _ in range(5_000):
        text = "".join(chance.choices(signs, k=chance.randint(1, 12)))
        for language in ("fr", "fr-CA", "fr-CH", "en", "de", "it"):
            once = typeset(text, language)
            assert typeset(once, language) == once, (text, language)


def parsed(source: str, language: str = "fr") -> nodes.document:
    settings = {"_disable_config": True, "raw_enabled": True, "report_level": 4}
    document = publish_doctree(source, settings_overrides=settings)
    typeset_document(document, language)
    return document


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ('"*bonjour*" !', "«~bonjour~»_!"),
        ("*déjà* ! **Déjà**!", "déjà_! Déjà_!"),
        ("« `lien <http://exemple.fr>`_ » : oui", "«~lien~»~: oui"),
        ("«*bonjour*»", "«~bonjour~»"),
        ("l'*été* et d'``x``", "l’été et d’x"),
        ('"``code``" : ``a ! "b"``!', '«~code~»~: a ! "b"_!'),
        ("*10* 000 lignes à 20 *%*", "10_000 lignes à 20~%"),
        (r"XIX\ :sup:`e` siècle", "XIXe~siècle"),
        (r"échappé \"mot\" et l\'été !", 'échappé "mot" et l\'été_!'),
        (
            "voir http://exemple.fr/l'a ! et a.b'c@exemple.fr",
            "voir http://exemple.fr/l'a_! et a.b'c@exemple.fr",
        ),
        (":math:`f'(x) ! n : 2` : oui", "f'(x) ! n : 2~: oui"),
        ("une _`cible 'ici !` et ça !", "une cible ’ici_! et ça_!"),
        ("oui ! |s|\n\n.. |s| replace:: l'autre !", "oui_! l’autre_!"),
        (
            '.. role:: en(emphasis)\n   :class: language-en\n\n"il dit :en:`they\'re "here" !` !"',
            "«~il dit they’re ‘here’ !_!~»",
        ),
        (
            ".. role:: brut(emphasis)\n   :class: no-typography\n\n:brut:`l'été !` !",
            "l'été !_!",
        ),
    ],
)
def test_a_paragraph_is_one_text_across_its_markup(source: str, wanted: str) -> None:
    document = parsed(source)
    paragraph = next(node for node in document.findall(nodes.paragraph))
    assert shown(paragraph.astext()) == wanted


KEPT = """\
.. class:: no-typography

Rien ici ! l'été

::

    l'été ! "x"

>>> l'été ! "x"

.. code:: python

    l'été ! "x"

.. math:: f'(x) ! "x"

.. raw:: html

    <p>l'été ! "x"</p>

.. l'été ! "x"

-x, --long=<l'x...>  l'option !
"""


def test_code_formulas_and_raw_text_are_kept() -> None:
    before, after = parsed(KEPT, "ja"), parsed(KEPT)
    changed = [
        (old.parent.tagname, shown(new.astext()))
        for old, new in zip(before.findall(nodes.Text), after.findall(nodes.Text), strict=True)
        if old.astext() != new.astext()
    ]
    assert changed == [("paragraph", "l’option_!")]


def test_titles_cells_terms_and_captions_are_set() -> None:
    source = """\
L'été !
=======

l'un !
    l'autre !

.. figure:: x.png
    :alt: l'image !

    l'abeille !

.. list-table:: l'ours !

    * - l'âne !

.. image:: y.png
    :alt: l'image !
    :class: no-typography
"""
    document = parsed(source)
    texts = [node.astext() for node in document.findall(nodes.TextElement)]
    assert texts[:2] == ["L’été\u202f!", "l’un\u202f!"]
    assert not [text for text in texts if "'" in text or " !" in text]
    alts = [image["alt"] for image in document.findall(nodes.image)]
    assert alts == ["l’image\u202f!", "l'image !"]


def test_the_language_of_a_block_is_its_nearest_class() -> None:
    document = parsed('.. class:: language-en\n\n"Yes !"\n\n"Oui !"\n')
    assert [shown(node.astext()) for node in document.findall(nodes.paragraph)] == ["“Yes !”", "«~Oui_!~»"]


def test_a_part_of_a_document_can_be_set() -> None:
    paragraph = nodes.paragraph("", "l'été !")
    typeset_document(paragraph, "fr")
    assert paragraph.astext() == "l’été\u202f!"
