"""docutils tuned and stock: the same trees, the same HTML, the same messages, on everything we have."""

import os
import pickle
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docutils.parsers.rst import states
from docutils.writers import html5_polyglot
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.site import corpus
from benchmarks.site.syntax import Rst
from blogops.website import rst
from blogops.website.rst import Options, lexers, reading, tuning
from blogops.website.rst.context import Context
from blogops.website.rst.grammar import own_roles
from blogops.website.rst.settings import lines_of, new_document
from blogops.website.rst.translator import Translator

HERE = Path(__file__).parent
STEPS = (*tuning.STEPS, lexers.STEP)
DOCUTILS = HERE / "docutils_inputs"
Text = tuple[str, Path]

SNIPPETS = """\
Titre
=====
%%
Sous-titre
----------
%%
Un *paragraphe* avec **tout** : ``code``, `lien <https://example.org/a b>`__, mot_, |s|,
[1]_, [#a]_, [*]_, [C]_.
%%
Plain words (with a colon: here) and a@b.example, www.example.org, https://example.org/?a=1#b; RFC 822, PEP 8.
%%
Escaped \\*stars\\*, a\\ b, C:\\\\dir, *open, ``open, `open, |open, _`target`, `role`:emphasis:, :sub:`2`.
%%
- un
- deux

  - trois

   pas assez
%%
1. one
#. two

   a) nested
   b) list
%%
terme : classe
    Définition.

    Encore.
%%
:champ: valeur
:autre: *valeur*
    suite
%%
-a FILE  option
--long   autre
/V       encore
%%
::

    littéral

      indenté
%%
Comme ceci ::

> cité
> encore
%%
>>> print("doctest")
doctest
%%
| vers
|   en retrait
| fin
%%
+-----+-----+
| a   | b   |
+=====+=====+
| - x | *y* |
+-----+-----+
%%
=====  =====
 un    deux
=====  =====
 a     b\\ c

       suite
=====  =====
%%
    Une citation.

    -- Quelqu'un
%%
.. code-block:: python
   :linenos: inline

   print(1)
%%
.. note:: Une note

   - avec une liste
%%
.. image:: a.png
   :alt: "Texte"
   :width: 50%
%%
.. figure:: b.png

   Légende

   Suite
%%
.. |s| replace:: *substitué*
%%
.. _mot: https://example.org/mot
%%
.. _ici:
%%
.. [1] Une note.
%%
.. [#a] Une autre.
.. [*] Et une.
.. [C] Citation
%%
.. contents::
%%
.. class:: special
%%
.. list-table::
   :header-rows: 1

   * - a
     - b
   * - c
     - d
%%
.. math:: a^2 + \\frac{1}{2}
%%
.. role:: neu(emphasis)
%%
.. default-role:: literal
%%
.. unknown:: x
%%
.. parsed-literal::

   *x* et `y`
%%
.. epigraph::

   Mot

   -- Lui
%%
..
   Un commentaire
%%
-----
%%
__ https://example.org/anonyme
%%
======
 Haut
======
%%
Trop court
==
%%
..

  .. topic:: Boîte

     Texte
""".split("%%\n")


def generated(folder: Path) -> list[Text]:
    """Return posts as benchmarks/site makes them."""
    made = corpus.write_posts(folder, Rst(), 40)
    return [(made.file(post).read_text(encoding="utf-8"), made.file(post)) for post in made.posts]


def files(folder: Path) -> list[Text]:
    """Return the texts of *folder*; where they say another encoding, docutils must read what it finds."""
    return [(path.read_text(encoding="utf-8"), path) for path in sorted(folder.rglob("*.rst"))]


def mixtures(count: int) -> list[Text]:
    """Return texts put together by chance, some indented and some damaged."""
    texts = []
    for number in range(count):
        chance = random.Random(number)  # noqa: S311 (the same on each run)
        parts = chance.choices(SNIPPETS, k=chance.randint(1, 14))
        text = "\n".join(_indented(part, chance.choice((0, 0, 0, 2, 4))) for part in parts)
        for _ in range(chance.randint(0, 3)):
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(("", "\n", " ", "*", "`", "_", "|")) + text[at + 1 :]
        texts.append((text, Path(f"/nonexistent/{number}.rst")))
    return texts


def _indented(part: str, width: int) -> str:
    return "".join(" " * width + line for line in part.splitlines(keepends=True))


def read_all(texts: list[Text], content: Path) -> list[tuple[str, str]]:
    """Return for each of *texts* docutils' tree of it and all that reading returns."""
    return [(_tree(*text, content), _parsed(*text, content)) for text in texts]


def _options(path: Path, content: Path) -> Options:
    return Options(
        "en" if len(path.name) % 3 else "fr", True, path.name < "m", content, (("linenos", "table"),)
    )


def _tree(text: str, path: Path, content: Path) -> str:
    text = lines_of(text)
    document = new_document(Context(path, _options(path, content), text.split("\n")))
    said: list[str] = []
    document.reporter.attach_observer(lambda message: said.append(message.astext()))
    with own_roles():
        try:
            reading._read(text, document)
        except Exception as error:  # Then both fail in the same way.
            return repr(error)
    # Which module has the words of a language is said once in a process.
    return "\n".join([document.pformat(), *(text for text in said if "Using <module" not in text)])


def _parsed(text: str, path: Path, content: Path) -> str:
    parsed = rst.parse(text, path, _options(path, content))
    return repr({**vars(parsed), "anchors": sorted(parsed.anchors)})


def read_apart(texts: list[Text], content: Path, prelude: str = "", **env: str) -> tuple[str, Any]:
    """Read in a process of its own, in which *prelude* is run first; return what is told of the tuning, too.

    There, *texts* are read twice, once backwards: what is kept from one text changes nothing in another.
    """
    code = f"""{prelude}
import pickle, sys
import test_website_tuning as this
texts, content = pickle.load(sys.stdin.buffer)
results = this.read_all(texts, content)
assert results == this.read_all(texts[::-1], content)[::-1]
sys.stdout.buffer.write(pickle.dumps((this.tuning.told(), results)))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        input=pickle.dumps((texts, content)),
        env={**os.environ, **env, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    told, results = pickle.loads(done.stdout)  # noqa: S301 (our own child wrote it)
    return told, results


def assert_same(texts: list[Text], content: Path, prelude: str = "", **env: str) -> None:
    """Compare tuned and otherwise one by one: a difference of everything at once says nothing."""
    told, tuned = read_apart(texts, content)
    assert " off (" not in told
    told, other = read_apart(texts, content, prelude, **env)
    assert " off (" in told
    for one, two, (text, path) in zip(tuned, other, texts, strict=True):
        assert one == two, f"{path}\n{text}"


def one_liners() -> list[Text]:
    """Return texts in which all that a line may begin stands alone in a field, an item and a cell."""
    lines = [
        *LINES,
        "x ::",
        "x::",
        "::",
        "*x*",
        "`x`_ and x_",
        "*x",
        ":x:`y`",
        "|x|",
        "x\\ y",
        "Éa",
        "• ",
        "a.",
        "12",
    ]
    texts = []
    for number, line in enumerate(dict.fromkeys(line.strip() for line in lines)):
        body = f"{line:<12}"
        table = (
            f"+--------------+\n| {body} |\n+--------------+\n\n============  =\n{body}  y\n============  =\n"
        )
        text = (
            f":field: {line}\n\nText\n\n- {line}\n\n#. {line}\n\nterm\n    {line}\n\n{table}\n.. [#] {line}\n"
        )
        texts.append((text, Path(f"/nonexistent/{number}.rst")))
    return texts


SOURCES: dict[str, Callable[[Path], list[Text]]] = {
    "the example blog": lambda _: files(HERE.parent / "example/content"),
    "docutils' own inputs": lambda _: files(DOCUTILS),
    "generated posts": generated,
    "mixtures": lambda _: mixtures(200),
    "lines alone": lambda _: one_liners(),
}


@pytest.mark.parametrize("source", SOURCES)
def test_tuned_is_stock(source: str, tmp_path: Path) -> None:
    content = DOCUTILS if source.startswith("docutils") else tmp_path
    assert_same(SOURCES[source](tmp_path), content, **{tuning.SWITCH: "1"})


@pytest.mark.parametrize("step", STEPS, ids=lambda step: str(step.name))
def test_any_step_may_be_off(step: tuning.Step) -> None:
    owner, names = step.stock[0]
    # The same function again, but written here.
    name = names.split()[0]
    prelude = f"""
import {owner.__module__} as module
stock = module.{owner.__name__}.{name}
module.{owner.__name__}.{name} = lambda *args, **options: stock(*args, **options)
"""
    assert_same(mixtures(30), HERE, prelude)


LINES = """\
    x
text
a. b
A) b
(i) x
#. x
12. x
- x
* x
+ x
• x
‣
⁃ x
:field: x
:a:`b`: x
-a FILE  x
--long=x
+x
/V  x
>>> x
| x
+---+---+
+-+-+
===  ===
=====
-----
~~~
....
..
.. x
__
__ x
_____
///
(((""".split("\n")


@given(st.sampled_from(["", " ", *LINES]) | st.text(alphabet=" \t.:-+*•‣⁃|=_>/#()`~ai1XÀ<", max_size=9))
def test_a_line_is_matched_by_no_pattern_that_is_not_tried(line: str) -> None:
    tables = (states.Body.patterns, states.Text.patterns, states.Body.ws_patterns)
    patterns: list[Any] = [pattern for table in tables for pattern in table.values()]
    for pattern in patterns:
        compiled = re.compile(getattr(pattern, "pattern", pattern))
        assert tuning._may_match(compiled, line[:1]) or not compiled.match(line)


def test_a_pattern_of_others_is_tried_on_every_line() -> None:
    assert all(tuning._may_match(re.compile(":own:"), sign) for sign in ("", " ", "x", ":"))


def said_after(code: str, **env: str) -> str:
    """Return what is told of the tuning in a process that runs *code* first."""
    code += "\nfrom blogops.website.rst import tuning; print(tuning.told())"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **env}, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_another_docutils_is_left_alone() -> None:
    said = said_after("import docutils; docutils.__version__ = '0.99'")
    assert said.count(" off (not proven with docutils 0.99, but with 0.22.4 and 0.23)") == len(tuning.STEPS)
    said = said_after("import pygments; pygments.__version__ = '9.9'")
    assert "lexers off (not proven with pygments 9.9, but with 2.21.0)" in said


def test_changed_code_of_docutils_is_left_alone() -> None:
    said = said_after("from docutils import statemachine as m; m.State.make_transition = lambda *_: None")
    assert "transitions off (docutils' own code is not what it was proven with), states on" in said
    said = said_after("from docutils import nodes; del nodes.Node._fast_findall")
    assert "walks off (docutils' own code is not what it was proven with)" in said


LEFT_BEHIND = """
import gc
from pathlib import Path
from docutils import nodes
from blogops.website import rst
gc.collect()
for number in range(3):
    text = f"Title\\n=====\\n\\n- a list\\n\\n  - in a list, {number}\\n\\n.. note:: Nested.\\n"
    rst.parse(text, Path("/nowhere/post.rst"), rst.Options("en", False, False, Path("/nowhere")))
    print(sum(isinstance(each, nodes.document) for each in gc.get_objects()))
"""


def test_the_tree_of_a_text_is_gone_with_it() -> None:
    done = subprocess.run([sys.executable, "-c", LEFT_BEHIND], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "0", "0"]


def test_it_can_be_switched_off() -> None:
    assert said_after("", **{tuning.SWITCH: "1"}).count(f"off ({tuning.SWITCH} is set)") == len(STEPS)


def test_docutils_is_the_same_for_others() -> None:
    code = """
from docutils import nodes, statemachine
from docutils.parsers import rst
from docutils.parsers.rst import states
classes = [each for module in (nodes, statemachine, rst, states) for each in vars(module).values()
           if isinstance(each, type)]
before = [dict(vars(each)) for each in classes]
import test_website_tuning as this
this.read_all(this.mixtures(20), this.HERE)
print([each for each, was in zip(classes, before) if any(vars(each).get(n) is not w for n, w in was.items())])
"""
    done: Any = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_our_encoding_is_docutils() -> None:
    document = new_document(Context(Path("a.rst"), _options(Path("a.rst"), HERE), [""]))
    ours, theirs = Translator(document), html5_polyglot.HTMLTranslator(document)
    text = "".join(map(chr, range(0x250))) + "\u2028é&amp;<b>"
    assert ours.encode(text) == theirs.encode(text)
