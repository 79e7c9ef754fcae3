"""reStructuredText: code and its options, roles, notes, tables, what docutils warns about."""

from collections.abc import Iterator

from benchmarks.parity.trees import Tree, post

_TWO = "\n\n   x = 1  # one\n   y = 2\n"
CODE = (
    *(
        ".. code-block:: python",
        ".. sourcecode:: python",
        ".. code:: python",
        ".. code::",
        ".. code-block:: text",
    ),
    *(
        ".. code-block:: nosuch",
        ".. code-block:: django::",
        ".. code-block:: Python",
        ".. code-block:: console",
    ),
    *(
        f".. code-block:: python\n   :linenos: {how}".rstrip()
        for how in ("table", "inline", "none", "", "yes")
    ),
    ".. code-block:: python\n   :linenos: inline\n   :linenostart: 9\n   :linenostep: 2\n"
    "   :linenospecial: 2",
    *(f".. code-block:: python\n   :hl_lines: {which}" for which in ("2", "1 2", "1-2", "1,2", "9")),
    ".. code-block:: python\n   :lineanchors: l\n   :anchorlinenos:\n   :linenos: inline\n   :linespans: s",
    ".. code-block:: python\n   :nowrap:",
    ".. code-block:: python\n   :nobackground:\n   :classprefix: p-\n   :lineseparator: <br>",
    ".. code:: python\n   :number-lines: 5",
    ".. code:: python\n   :class: k\n   :name: n",
)
TEXTS = {
    "abbr": 'An :abbr:`HTML (HyperText Markup)` and :abbr:`X` :abbr:`a\\ b (c & "d")`.',
    "roles": ":sub:`2` :sup:`3` :title:`t` :code:`x` :pep:`8` :rfc:`2822`"
    " :strong:`s` :emphasis:`e` :literal:`l`",
    "inline": "H\\ :sub:`2`\\ O ``lit`` ``a  b`` ``--opt`` *e* **s** |s| `t`\n\n.. |s| replace:: S",
    "footnotes": "A [1]_ B [#]_ C [#n]_ D [*]_ E [CIT]_ again [1]_\n\n.. [1] one\n.. [#] auto\n"
    ".. [#n] named\n"
    ".. [*] star\n.. [CIT] cit",
    "notes": ".. note:: N\n\n.. warning::\n\n   W\n\n.. admonition:: Title *x*\n   :class: k\n\n"
    "   A\n\n.. tip::\n\n   t",
    "topics": ".. topic:: T\n\n   B\n\n.. sidebar:: S\n   :subtitle: ss\n\n   B\n\n.. rubric:: R\n"
    "\n.. epigraph::\n\n"
    "   E\n\n   -- A\n\n.. pull-quote::\n\n   P\n\n.. compound::\n\n   C\n\n.. container:: k\n\n   x",
    "contents": ".. contents:: TOC\n   :depth: 1\n\nA\n-\n\nx\n\nB\n-\n\ny\n\nC\n~\n\nz",
    "numbers": ".. sectnum::\n\nA\n-\n\nx\n\nB\n-\n\ny",
    "target-notes": "`l <http://x.org>`_ and m_\n\n.. _m: http://y.org\n\n.. target-notes::",
    "tables": "+---+---+\n| a | b |\n+===+===+\n| 1 | 2 |\n+---+---+\n\n.. list-table:: T\n"
    "   :header-rows: 1\n\n"
    "   * - a\n     - b\n   * - c\n     - d\n\n.. csv-table::\n   :header: a, b\n\n   1, 2\n\n"
    "== ==\n1  2\n== ==\n3  4\n== ==",
    "definitions": "t1 : c\n   d\n\nt2\n   e\n\n:f: v\n:g: w\n\n-a  opt\n--bb=X  opt2\n\n| line\n"
    "|   block\n\n  quote\n\n"
    "  -- attr",
    "lists": "1. a\n2. b\n\n   * c\n\n     d\n\na. x\n#. y\n\n(i) r\n\n* a\n\n* b\n* c",
    "transition": "a\n\n----\n\nb",
    "headings": "A\n-\n\nB\n~\n\nC\n^\n\nx\n\nÉ & <x>\n-------\n\nx\n\nÉtape 2 : l’été\n"
    "---------------\n\ny\n\nA\n-\n\nz",
    "anchors": ".. _my anchor:\n\nx `my anchor`_ _`inline t` `inline t`_ `A`_\n\nA\n-\n\ny",
    "anonymous": "x__ `y`__\n\n__ http://a.org\n__ http://b.org",
    "addresses": "See http://example.org/a_b?x=1&y=2, and www.example.org. <https://e.org> a.b@example.org",
    "default-role": ".. default-role:: code\n\n`x`",
    "parsed": ".. parsed-literal::\n\n   a *b* `l <http://x.org>`_",
    "comment": ".. comment here\n\nx\n\n..\n   more",
    "quotes": "\"q\" 'x' -- --- ... « a » : ; ! ?",
    "literal": "Hello::\n\n   x = <1>\n\n   y\n\nHello ::\n\n   y\n\n>>> 1 + 1\n2",
    "more": "a\n\n.. more\n\nb\n\n.. PELICAN_END_SUMMARY\n\nc",
    "same-targets": ".. _x: http://a.org\n.. _x: http://a.org\n\nx_ `l <http://a.org>`_ `l <http://b.org>`_",
    "unicode": ".. |c| unicode:: 0xA9\n\nx |c|\n\n.. class:: k\n\ny\n\n.. role:: r\n   :class: kk\n\n:r:`z`",
    "math": ".. math::\n\n   x^2 + y\n\nand :math:`a_b` too",
    "image": ".. image:: http://x.org/a.png\n   :alt: x\n   :width: 50%\n   :align: right\n   :class: k",
}
# docutils warns of these, and Pelican then drops the post without a word in its exit code.
WARNED = {
    "short-line": "Sub title\n---\n\nx",
    "list": "* a\nb",
    "sphinx-option": ".. code-block:: python\n   :caption: c\n\n   x = 1",
    "no-language": ".. code-block::\n\n   x = 1",
    "same-name": ".. _x: http://a.org\n.. _x: http://b.org\n\ny",
}


def trees() -> Iterator[Tree]:
    """Yield the trees about reStructuredText."""
    code = {f"code-{n:02}.rst": post(f"Code {n}", directive + _TWO) for n, directive in enumerate(CODE)}
    texts = {f"{name}.rst": post(f"Text {name}", text) for name, text in TEXTS.items()}
    yield Tree("markup", "", code | texts)
    yield Tree("markup-fr", 'DEFAULT_LANG = "fr"\n', texts | {"directives.rst": post("Directives", _FRENCH)})
    yield Tree("markup-options", 'PYGMENTS_RST_OPTIONS = {"linenos": "table"}\n', code)
    warned = {f"{name}.rst": post(f"Warned {name}", text, tags="warned") for name, text in WARNED.items()}
    yield Tree("warned", "", warned | {"fine.rst": post("Fine")})


_FRENCH = (
    ".. avertissement:: Attention\n\n.. astuce::\n\n   Bien\n\n"
    ".. sommaire::\n\nUn\n--\n\nx\n\nDeux\n----\n\ny"
)
