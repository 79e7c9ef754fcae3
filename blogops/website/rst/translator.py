"""docutils' HTML 5, without what a strict site forbids: no inline style, no file of the machine."""

import re
from typing import Any

from docutils import nodes
from docutils.nodes import TreePruningException

from blogops.website.rst import tuning
from blogops.website.rst.context import context_of
from blogops.website.rst.labels import label
from blogops.website.rst.stock import html5_polyglot

_DECLARATION = re.compile(r"\s*(width|height)\s*:\s*([\d.]+)\s*(%|px|)\s*")
_NUMBER = re.compile(r"\d*\.?\d+")
_STYLE = re.compile(r' style="[^"]*"')


class Translator(html5_polyglot.HTMLTranslator):
    """Writes the nodes of one document."""

    def __init__(self, document: nodes.document) -> None:
        super().__init__(document)
        self._context = context_of(document)
        self._language = self._context.options.language
        self._images = 0
        self._tables = 0
        self._walk = tuning.walker(self)

    def take(self, root: nodes.Node) -> str:
        """Return the HTML of the children of *root*."""
        before, self.body = self.body, []
        for child in list(root.children):
            self._walk(child)
        made, self.body = "".join(self.body), before
        return made

    def starttag(self, node: Any, tagname: str, suffix: str = "\n", empty: bool = False, **given: Any) -> str:
        """Write a tag; sizes become attributes or classes, and what scrolls can be reached by keyboard."""
        if not given and not empty and tagname != "pre" and not node.get("ids") and not node.get("classes"):
            # Most tags of a text: docutils would find nothing to write either.
            return f"<{tagname.lower()}>{suffix}"
        given = {name.lower(): value for name, value in given.items()}
        classes = self._sizes(node, tagname, str(given.pop("style", "")), given)
        if classes:
            given["class"] = " ".join([str(given.get("class", "")), *classes]).strip()
        if tagname == "pre":
            given["tabindex"] = "0"
        # docutils 0.23 extends the list that it is given, and gives one list to all formulas of all texts.
        if "classes" in given:
            given["classes"] = list(given["classes"])
        made = str(super().starttag(node, tagname, suffix, empty, **given))
        return made.replace(" />", ">", 1) if empty else made

    def _sizes(self, node: Any, tagname: str, style: str, given: dict[str, Any]) -> list[str]:
        classes = []
        for declaration in filter(str.strip, style.split(";")):
            found = _DECLARATION.fullmatch(declaration)
            if found and found[3] == "%" and found[1] == "width":
                classes.append(f"width-{min(max(round(float(found[2]) / 5) * 5, 5), 100)}")
            elif found and found[3] != "%" and tagname in ("img", "video"):
                given[found[1]] = str(round(float(found[2])))
            else:
                said = " ".join(declaration.split())
                advice = "write it in % of the text's width, or an image's in px"
                self.document.reporter.warning(f'"{said}" is left out; {advice}', base_node=node)
        return classes

    # Code

    def visit_HighlightedCode(self, node: Any) -> None:
        """Write what Pygments made."""
        tag = self.starttag(node, "div", "", CLASS="highlight") if node["ids"] or node["classes"] else ""
        made = str(node["html"])
        self.body.append(made.replace('<div class="highlight">', tag, 1) if tag else made)
        raise nodes.SkipNode

    def visit_CodeFigure(self, node: Any) -> None:
        """Begin code that has a caption."""
        self.body.append(self.starttag(node, "figure", CLASS="code"))

    def depart_CodeFigure(self, node: Any) -> None:
        """End it."""
        self.body.append("</figure>\n")

    def depart_caption(self, node: Any) -> None:
        """End a caption; that of code is closed at once, for no legend follows."""
        super().depart_caption(node)
        if node.parent.__class__.__name__ == "CodeFigure":
            self.body.append("</figcaption>\n")

    def visit_caption(self, node: Any) -> None:
        """Begin a caption."""
        if node.parent.__class__.__name__ == "CodeFigure":
            self.body.append(self.starttag(node, "figcaption"))
        super().visit_caption(node)

    def visit_literal(self, node: Any) -> None:
        """Write code in the line as code: feed readers do not know docutils' classes."""
        if set(node["classes"]) & self.supported_inline_tags:
            super().visit_literal(node)
            return
        text = node.astext()
        if not isinstance(node.parent, nodes.literal_block):
            text = text.replace("\n", " ")
        self.body.append(self.starttag(node, "code", "") + self.encode(text) + "</code>")
        raise nodes.SkipNode

    # Words

    def encode(self, text: Any) -> str:
        """Do what docutils' method does by a table, in a third of the time."""
        text = str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return str(text.replace('"', "&quot;").replace("@", "&#64;"))

    def visit_Text(self, node: Any) -> None:
        """Write text. There is no null without an escape, and addresses are not cloaked."""
        self.body.append(self.encode(node.astext() if "\0" in node else node))

    def visit_line(self, node: Any) -> None:
        """Begin a line of verse; an empty one has its height all the same."""
        self.body.append(self.starttag(node, "div", "" if node.children else "<br>", CLASS="line"))

    def visit_classifier(self, node: Any) -> None:
        """Say the colon before a classifier: a summary or a feed reader has no style sheet."""
        self.body.append('<span class="colon"> : </span>')
        super().visit_classifier(node)

    def visit_abbreviation(self, node: Any) -> None:
        """Write an abbreviation and what it stands for."""
        title = {"title": node["title"]} if node.get("title") else {}
        self.body.append(self.starttag(node, "abbr", "", **title))

    def visit_math(self, node: Any) -> None:
        """Write a formula as MathML; one that cannot be read is an error, and is shown as it was written."""
        outer, self.body, self._context.in_formula = self.body, [], True
        try:
            super().visit_math(node)
        except TreePruningException:
            broken = bool(self.messages)
        except Exception as error:  # docutils' own fault, met by "^2" and others.
            self.document.reporter.error(repr(error), base_node=node)
            broken = True
        finally:
            made, self.body, self._context.in_formula = "".join(self.body), outer, False
            self.messages.clear()
        if broken:
            tag = "pre" if isinstance(node, nodes.math_block) else "code"
            made = f"{self.starttag(node, tag, '', CLASS='math')}{self.encode(node.astext())}</{tag}>"
        # MathML of docutils makes bold by a style, which a strict site refuses.
        self.body.append(_STYLE.sub("", made))
        raise nodes.SkipNode

    # Headings and lists

    def section_title_tags(self, node: Any) -> tuple[str, str]:
        """Write a heading with a link to itself."""
        start, close = super().section_title_tags(node)
        ids = node.parent["ids"]
        if ids:
            name = self.attval(f"{label('anchor', self._language)} {node.astext()}")
            link = f'<a class="anchor" href="#{ids[0]}" aria-label="{name}"></a>'
            close = close.replace("</h", f"{link}</h")
        return start, close

    def visit_topic(self, node: Any) -> None:
        """Begin a topic; a table of contents is a landmark with a name."""
        if "contents" not in node["classes"]:
            node.html5tagname = "div"
            self.body.append(self.starttag(node, "div", classes=["topic"]))
            return
        node.html5tagname = "nav"
        title = next((child.astext() for child in node.findall(nodes.title)), "")
        name = title or label("contents", self._language)
        self.body.append(self.starttag(node, "nav", "\n", False, **{"role": "doc-toc", "aria-label": name}))

    def visit_admonition(self, node: Any) -> None:
        """Begin a note: no landmark, or a post would have dozens."""
        self.body.append(self.starttag(node, "div", classes=["admonition"], role="note"))

    def depart_admonition(self, node: Any = None) -> None:
        """End it."""
        self.body.append("</div>\n")

    def visit_citation(self, node: Any) -> None:
        """Begin an entry of the bibliography, as a list whose items are items."""
        if not isinstance(node.previous_sibling(), nodes.citation):
            self.body.append('<div role="list" class="citation-list">\n')
        self.body.append(self.starttag(node, "div", classes=["citation"], role="listitem"))

    def visit_footnote(self, node: Any) -> None:
        """Begin a footnote."""
        if not isinstance(node.previous_sibling(), nodes.footnote):
            self.body.append('<div class="footnote-list superscript">\n')
        self.body.append(self.starttag(node, "div", classes=["footnote", "superscript"], role="doc-footnote"))

    def depart_footnote(self, node: Any) -> None:
        """End it, and the list with the last one."""
        self.depart_citation_like(node, nodes.footnote)

    def depart_citation_like(self, node: Any, kind: type[nodes.Element]) -> None:
        """End an entry, and the list with the last one."""
        self.body.append("</div>\n")
        if not isinstance(node.next_node(descend=False, siblings=True), kind):
            self.body.append("</div>\n")

    # Tables

    def visit_table(self, node: Any) -> None:
        """Begin a table in a box that scrolls by itself."""
        self._tables += 1
        title = next((child.astext() for child in node.children if isinstance(child, nodes.title)), "")
        name = self.attval(title or f"{label('table', self._language)} {self._tables}")
        self.body.append(f'<div class="table" role="group" tabindex="0" aria-label="{name}">\n')
        super().visit_table(node)

    def depart_table(self, node: Any) -> None:
        """End it."""
        super().depart_table(node)
        self.body.append("</div>\n")

    def visit_entry(self, node: Any) -> None:
        """Begin a cell; a header says what it is the header of."""
        start = len(self.body)
        super().visit_entry(node)
        in_head = isinstance(node.parent.parent, nodes.thead)
        scope = "col" if in_head else "row"
        if (
            not node.astext().strip()
            and not any(node.findall(nodes.image))
            and self.body[start].startswith("<th")
        ):
            # An empty header heads nothing.
            self.body[start] = self.body[start].replace("<th", "<td", 1)
            self.context[-1] = "</td>\n"
        self.body[start] = self.body[start].replace("<th", f'<th scope="{scope}"', 1)

    # Images

    def image_size(self, node: Any) -> Any:
        """Return the size the author gave; docutils would open the file to scale it where there is none."""
        given = node.attributes.pop("scale", None)
        sized = [name for name in ("width", "height") if name in node] if given else []
        for name in sized:
            node[name] = _NUMBER.sub(lambda found: f"{float(found[0]) * given / 100:g}", node[name])
        size: Any = super().image_size(node)
        return {**size, "data-scale": str(given)} if given and not sized else size

    def visit_image(self, node: Any) -> None:
        """Write an image by its address, whatever was asked for."""
        if "alt" not in node and not node.get("video"):
            self.document.reporter.warning("an image without :alt:; say what it shows", base_node=node)
        atts: dict[str, Any] = {"src": node["uri"], **self.image_size(node)}
        if "align" in node:
            atts["class"] = f"align-{node['align']}"
        inline = isinstance(node.parent, nodes.TextElement) and not (
            isinstance(node.parent, nodes.reference) and not isinstance(node.parent.parent, nodes.TextElement)
        )
        suffix = "" if inline else "\n"
        if node.get("video"):
            self._video(node, atts, suffix)
            return
        wanted = node.get("loading") or ("lazy" if self._images else "link")
        self._images += 1
        if wanted == "lazy":
            atts["loading"] = "lazy"
        self.body.append(self.emptytag(node, "img", suffix, alt=node.get("alt", ""), **atts))

    def _video(self, node: Any, atts: dict[str, Any], suffix: str) -> None:
        name = self.encode(node.get("alt") or label("video", self._language))
        node["classes"] = [each for each in node["classes"] if each != "controls"]
        tag = self.starttag(node, "video", "", controls="controls", preload="metadata", **atts)
        self.body.append(f'{tag}<a href="{node["uri"]}">{name}</a></video>{suffix}')
