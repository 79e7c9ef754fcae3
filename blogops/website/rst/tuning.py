"""docutils made faster by subclasses, with the same results to the byte (ADR 13); Pygments: lexers.py.

Each step builds on code of docutils that it was proven with: on another version, where that code is not
what it was, or where ``BLOGOPS_STOCK_DOCUTILS`` is set, docutils does the work itself. Nothing of docutils
is changed for others. tests/test_website_tuning.py compares both.
"""

import hashlib
import os
import re
import string
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from docutils import nodes, statemachine
from docutils.parsers import rst
from docutils.parsers.rst import roles, states
from docutils.utils import escape2null

SWITCH = "BLOGOPS_STOCK_DOCUTILS"

# The versions that this was proven with, and the digests of their files that it stands on.
PROVEN = {
    "docutils": {
        "0.22.4": {
            "docutils.nodes": "21b2275f01556dca",
            "docutils.parsers.rst": "2fe36016f3350f3c",
            "docutils.parsers.rst.states": "c3b4fa34978cf61a",
            "docutils.statemachine": "c66388add67b253e",
        },
        "0.23": {
            "docutils.nodes": "47b3fe715d025210",
            "docutils.parsers.rst": "4d4e6d207545443e",
            "docutils.parsers.rst.states": "306307a82c2876d7",
            "docutils.statemachine": "c66388add67b253e",
        },
    },
    "pygments": {"2.21.0": {"pygments.lexer": "2037632e5c3bbf18"}},
}


class Step(NamedTuple):
    """One step, and the methods of docutils or Pygments that it stands on."""

    name: str
    stock: tuple[tuple[type, str], ...]

    @property
    def package(self) -> str:
        """Whose methods they are."""
        return _package(self.stock[0][0])


STEPS = (
    Step(
        "transitions",
        (
            (
                statemachine.State,
                "__init__ add_initial_transitions add_transitions make_transition make_transitions",
            ),
            (statemachine.StateWS, "add_initial_transitions"),
        ),
    ),
    Step(
        "states",
        (
            (
                statemachine.StateMachine,
                "__init__ add_state add_states check_line get_state run runtime_init unlink",
            ),
            (states.RSTStateMachine, "run"),
            (states.NestedStateMachine, "__init__ run"),
            (states.RSTState, "runtime_init nested_parse nested_list_parse"),
            (rst.Parser, "__init__ parse"),
        ),
    ),
    Step(
        "inline",
        (
            (states.Inliner, "__init__ init_customizations parse implicit_inline standalone_uri"),
            (states.RSTState, "paragraph inline_text"),
        ),
    ),
    Step(
        "walks",
        (
            (nodes.Node, "findall _fast_findall _superfast_findall walk walkabout"),
            (nodes.NodeVisitor, "dispatch_visit dispatch_departure"),
        ),
    ),
)


def why_not(step: Step) -> str:
    """Return why *step* is off, or nothing."""
    if os.environ.get(SWITCH):
        return f"{SWITCH} is set"
    package, version = step.package, _version(step.package)
    if version not in PROVEN[package]:
        return f"not proven with {package} {version}, but with {' and '.join(PROVEN[package])}"
    is_known = all(_is_stock(owner, name) for owner, names in step.stock for name in names.split())
    return "" if is_known else f"{package}' own code is not what it was proven with"


def _package(owner: type) -> str:
    return owner.__module__.partition(".")[0]


def _version(package: str) -> str:
    return str(sys.modules[package].__version__)


def _is_stock(owner: type, name: str) -> bool:
    """Tell whether the method is docutils' own, in a file that is what it was."""
    file = sys.modules[owner.__module__].__file__ or ""
    code = getattr(vars(owner).get(name), "__code__", None)
    if not code or (code.co_filename, code.co_qualname) != (file, f"{owner.__name__}.{name}"):
        return False
    package = _package(owner)
    return _digest(file) == PROVEN[package][_version(package)][owner.__module__]


@cache
def _digest(file: str) -> str:
    """Return that of a source, or nothing if there is no source."""
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16]
    except OSError:
        return ""


_OFF = {step.name: why for step in STEPS if (why := why_not(step))}


def is_on(name: str) -> bool:
    """Tell whether the step *name* is on."""
    return name not in _OFF


def told() -> str:
    """Return in a line which steps are on, and why the others are not."""
    from blogops.website.rst.lexers import STEP  # Pygments, which a text without code need not have

    why = {step.name: why_not(step) for step in (*STEPS, STEP)}
    parts = (f"{name} {f'off ({reason})' if reason else 'on'}" for name, reason in why.items())
    versions = " and ".join(f"{package} {_version(package)}" for package in PROVEN)
    return f"{versions}, tuned: {', '.join(parts)}"


# Transitions: 12 patterns looked up and 12 tuples made for each state, of which a document has thousands.


class State:
    """A state whose table of transitions is made once for its class; only the methods are bound anew.

    And one that tries docutils' pattern for ``::`` at the end of a paragraph only if it ends like that.
    """

    def paragraph(self, lines: list[str], lineno: int) -> Any:
        """Do what docutils' method does."""
        state: Any = self
        stock: Any = super()
        text = "\n".join(lines).rstrip()
        if text.endswith("::") or not is_on("inline"):
            return stock.paragraph(lines, lineno)
        made, messages = state.inline_text(text, lineno)
        paragraph = nodes.paragraph(text, "", *made)
        paragraph.source, paragraph.line = state.state_machine.get_source_and_line(lineno)
        return [paragraph, *messages], 0

    def nested_parse(
        self, block: Any, input_offset: int, node: Any = None, *given: Any, **options: Any
    ) -> Any:
        """Do what docutils' method does; most of what is nested is one line, and needs no machine."""
        state: Any = self
        stock: Any = super()
        asked_plainly = node is not None and not given and not options and not state.debug
        if not asked_plainly or len(block) != 1 or not _is_a_paragraph(block[0]):
            return stock.nested_parse(block, input_offset, node, *given, **options)
        (source, offset), text = block.info(0), block[0].rstrip()
        # Where the machine would be when it makes the paragraph: behind its only line.
        state.document.note_source(source, None)
        made, messages = state.inliner.parse(text, input_offset + 1, state.memo, node)
        paragraph = nodes.paragraph(text, "", *made)
        paragraph.source, paragraph.line = source, offset + 1
        node += [paragraph, *messages]
        return input_offset + 1

    def make_transitions(self, name_list: Any) -> Any:
        state: Any = self
        stock: Any = super()
        if not is_on("transitions"):
            return stock.make_transitions(name_list)
        key = type(self), tuple(name_list)
        kept = _TRANSITIONS.get(key)
        if kept is None:
            names, made = stock.make_transitions(name_list)
            _TRANSITIONS[key] = tuple((name, made[name][0], made[name][2]) for name in names)
            return names, made
        return [name for name, _, _ in kept], {
            name: (pattern, getattr(state, name), following) for name, pattern, following in kept
        }


_TRANSITIONS: dict[tuple[type, tuple[Any, ...]], tuple[tuple[str, Any, str], ...]] = {}


# States: each nested text starts a machine with all 15 of them, of which it enters two or three.


class _LazyStates(dict[str, Any]):
    """The states of a machine by their names, made when they are first asked for."""

    def __init__(self, machine: Any, classes: Any) -> None:
        super().__init__()
        self._machine = machine
        self._classes = {each.__name__: each for each in classes}

    def __missing__(self, name: str) -> Any:
        machine = self._machine
        state = self[name] = self._classes[name](machine, machine.debug)
        # A machine that runs has a memo; before, it prepares its states when it begins to.
        if getattr(machine, "memo", None) is not None:
            state.runtime_init()
        return state


class _LazyMachine:
    """A machine that makes its states when it enters them.

    And that tries of a state's dozen patterns only those that a line with this first sign can match.
    """

    states: Any

    def add_states(self, state_classes: Any) -> None:
        self.states = _LazyStates(self, state_classes)

    def check_line(self, context: Any, state: Any, transitions: Any = None) -> Any:
        """Do what docutils' method does."""
        machine: Any = self
        stock: Any = super()
        if transitions is not None or machine.debug:
            return stock.check_line(context, state, transitions)
        line, order = machine.line, state.transition_order
        key = type(state), tuple(order), line[:1]
        names = _TRIED.get(key)
        if names is None:
            names = _TRIED[key] = [name for name in order if _may_match(state.transitions[name][0], line[:1])]
        for name in names:
            pattern, method, following = state.transitions[name]
            if match := pattern.match(line):
                return method(match, context, following)
        return state.no_match(context, order)


_TRIED: dict[tuple[type, tuple[Any, ...], str], list[Any]] = {}


def _may_match(pattern: re.Pattern[str], sign: str) -> bool:
    return sign in _FIRST_SIGNS.get(pattern.pattern, (sign,))


def _first_signs() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield docutils' patterns for lines, each with the signs that what it matches can begin with."""
    letters, punctuation = string.ascii_letters + string.digits, string.punctuation
    of_body = {
        **{"bullet": "-+*\u2022\u2023\u2043", "enumerator": f"{letters}(#", "field_marker": ":"},
        **{"option_marker": "-+/", "doctest": ">", "line_block": "|", "grid_table_top": "+"},
        **{"simple_table_top": "=", "explicit_markup": ".", "anonymous": "_", "line": punctuation},
    }
    for name, signs in of_body.items():
        pattern: Any = states.Body.patterns[name]
        yield getattr(pattern, "pattern", pattern), tuple(signs)
    for name, pattern in statemachine.StateWS.ws_patterns.items():
        yield pattern.pattern, {"blank": ("", " "), "indent": (" ",)}[name]


# Nothing of a pattern that is not here is known: it is tried.
_FIRST_SIGNS = dict(_first_signs()) if is_on("states") else {}


def _is_a_paragraph(line: str) -> bool:
    """Tell whether the single *line* of a nested text is no more than words with markup in them."""
    if not is_on("states") or not is_on("inline") or line.endswith("::"):
        return False
    return not any(pattern.match(line) for pattern in _constructs(line[:1]))


@cache
def _constructs(sign: str) -> tuple[re.Pattern[str], ...]:
    """Return docutils' patterns for what a line that begins with *sign* may begin."""
    body: dict[str, Any] = states.Body.patterns
    every = (re.compile(getattr(each, "pattern", each)) for name, each in body.items() if name != "text")
    return tuple(each for each in (*every, *_SPACES) if _may_match(each, sign))


_SPACES = tuple(statemachine.StateWS.ws_patterns.values())


class _RootMachine(_LazyMachine, states.RSTStateMachine):
    pass


class _NestedMachine(_LazyMachine, states.NestedStateMachine):
    pass


NestedStateMachine = _NestedMachine if is_on("states") else states.NestedStateMachine


class Parser(rst.Parser):
    """docutils' parser with the state machine and the inliner of this module."""

    def __init__(self, state_classes: Any) -> None:
        super().__init__(inliner=Inliner())
        self.state_classes = state_classes

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Do what docutils' method does, which names its machine's class in the middle."""
        if not is_on("states"):
            super().parse(inputstring, document)
            return
        self.setup_parse(inputstring, document)
        settings = document.settings
        settings.setdefault("tab_width", 8)
        settings.setdefault("syntax_highlight", "long")
        machine: Any = _RootMachine(self.state_classes, self.initial_state, document.reporter.debug_flag)
        self.statemachine = machine
        lines = _lines(inputstring, settings.tab_width)
        limit = settings.line_length_limit
        long = next((number for number, line in enumerate(lines, 1) if len(line) > limit), 0)
        if long:
            document.append(document.reporter.error(f"Line {long} exceeds the line-length-limit."))
        else:
            machine.run(lines, document, inliner=self.inliner)
        vars(roles)["_roles"].pop("", None)
        self.finish_parse()


def _lines(text: str, tab_width: int) -> list[str]:
    """Return what ``string2lines`` does; most texts have nothing of what it looks for in each line."""
    if "\t" in text or "\v" in text or "\f" in text:
        return statemachine.string2lines(text, tab_width, convert_whitespace=True)
    return [line.rstrip() for line in text.splitlines()]


# Inline markup: ten regular expressions built from strings for each document.


class _KeptPatterns(states.Inliner):
    """An inliner whose patterns are built once for each way of settings."""

    def init_customizations(self, settings: Any) -> None:
        inliner: Any = self
        key = bool(getattr(settings, "character_level_inline_markup", False))
        kept = _PATTERNS.get(key)
        if kept is None:
            # docutils reads its fragments from the class itself: a subclass cannot build them.
            stock = states.Inliner()
            stock.init_customizations(settings)
            kept = _PATTERNS[key] = {name: vars(stock)[name] for name in _PATTERN_NAMES}
        vars(self).update(kept, patterns=SimpleNamespace(**vars(kept["patterns"])))
        dispatch: list[tuple[str, Any]] = [("uri", self.standalone_uri)]
        if settings.pep_references:
            dispatch.append(("pep", self.pep_reference))
        if settings.rfc_references:
            dispatch.append(("rfc", self.rfc_reference))
        self.implicit_dispatch += [(getattr(inliner.patterns, name), method) for name, method in dispatch]

    def parse(self, text: str, lineno: int, memo: Any, parent: Any) -> Any:
        """Do what docutils' method does; its pattern is tried only where there is something to find."""
        inliner: Any = self
        self.document, self.language, self.parent = memo.document, memo.language, parent
        self.reporter = memo.document.reporter
        remaining = escape2null(text)
        processed: list[Any] = []
        unprocessed: list[str] = []
        messages: list[Any] = []
        while (sign := _SIGN.search(remaining)) and (
            match := inliner.patterns.initial.search(remaining, _start_of_word(remaining, sign.start()))
        ):
            groups = match.groupdict()
            kind = groups["start"] or groups["backquote"] or groups["refend"] or groups["fnend"]
            before, inlines, remaining, said = inliner.dispatch[kind](self, match, lineno)
            unprocessed.append(before)
            messages += said
            if inlines:
                processed += self.implicit_inline("".join(unprocessed), lineno)
                processed += inlines
                unprocessed = []
        processed += self.implicit_inline("".join(unprocessed) + remaining, lineno)
        return processed, messages

    def implicit_inline(self, text: str, lineno: int) -> Any:
        # An address has a colon or an at sign; the pattern for one tries every place of a text.
        if len(self.implicit_dispatch) == 1 and text and ":" not in text and "@" not in text:
            return [nodes.Text(text)]
        return super().implicit_inline(text, lineno)


# One of them is in all inline markup but plain addresses, and no space before it in what begins one.
_SIGN = re.compile("[`*_|]")


def _start_of_word(text: str, at: int) -> int:
    return max(text.rfind(" ", 0, at), text.rfind("\n", 0, at)) + 1


_PATTERN_NAMES = ("start_string_prefix", "end_string_suffix", "parts", "patterns")
_PATTERNS: dict[bool, dict[str, Any]] = {}

Inliner = _KeptPatterns if is_on("inline") else states.Inliner


# Walks: a generator inside a generator for each level of a tree, and debug messages made to be thrown away.


def walker(visitor: nodes.NodeVisitor) -> Callable[[nodes.Node], object]:
    """Return a function that does what ``node.walkabout(visitor)`` does."""
    if not is_on("walks") or visitor.document.reporter.debug_flag:
        return lambda node: node.walkabout(visitor)
    visits, departs = _Dispatch(visitor, "visit_"), _Dispatch(visitor, "depart_")
    return lambda node: _walkabout(node, visits, departs)


class _Dispatch(dict[type, Callable[[Any], None]]):
    """The methods of a visitor by the class of the node that they are for."""

    def __init__(self, visitor: Any, prefix: str) -> None:
        super().__init__()
        self._visitor = visitor
        self._prefix = prefix
        self._unknown = visitor.unknown_visit if prefix == "visit_" else visitor.unknown_departure

    def __missing__(self, kind: type) -> Callable[[Any], None]:
        name = self._prefix + kind.__name__
        method: Callable[[Any], None] = getattr(self._visitor, name, self._unknown)
        self[kind] = method
        return method


def _walkabout(node: nodes.Node, visits: _Dispatch, departs: _Dispatch) -> bool:
    depart, stop = True, False
    try:
        try:
            visits[type(node)](node)
        except nodes.SkipNode:
            return stop
        except nodes.SkipDeparture:
            depart = False
        try:
            for child in node.children[:]:
                if _walkabout(child, visits, departs):
                    stop = True
                    break
        except nodes.SkipSiblings:
            pass
    except nodes.SkipChildren:
        pass
    except nodes.StopTraversal:
        stop = True
    if depart:
        departs[type(node)](node)
    return stop


def _walk(node: nodes.Node, visits: _Dispatch) -> bool:
    stop = False
    try:
        try:
            visits[type(node)](node)
        except (nodes.SkipChildren, nodes.SkipNode):
            return stop
        except nodes.SkipDeparture:
            pass
        try:
            for child in node.children[:]:
                if _walk(child, visits):
                    stop = True
                    break
        except nodes.SkipSiblings:
            pass
    except nodes.StopTraversal:
        stop = True
    return stop


class document(nodes.document):  # docutils knows a node by the name of its class.
    """A document that is walked without the detours."""

    def findall(self, condition: Any = None, *given: Any, **options: Any) -> Any:
        """Do what docutils' method does."""
        if given or options or not isinstance(condition, type | tuple):
            return super().findall(condition, *given, **options)
        return _below(self, condition)

    def walk(self, visitor: nodes.NodeVisitor) -> bool:
        """Do what docutils' method does."""
        if self.reporter.debug_flag or type(visitor).dispatch_visit is not nodes.NodeVisitor.dispatch_visit:
            return super().walk(visitor)
        return _walk(self, _Dispatch(visitor, "visit_"))


def _below(root: nodes.Element, kind: Any) -> Iterator[nodes.Node]:
    """Yield *root* and what is below it; the children of a node are looked at once it was used."""
    if isinstance(root, kind):
        yield root
    # Half of a tree is text: it has no children, and hardly anybody looks for it.
    passed = None if issubclass(nodes.Text, kind) else nodes.Text
    levels: list[Iterator[nodes.Node]] = []
    level: Iterator[nodes.Node] = iter(root.children)
    while True:
        for node in level:
            if type(node) is passed:
                continue
            if isinstance(node, kind):
                yield node
            if node.children:
                levels.append(level)
                level = iter(node.children)
                break
        else:
            if not levels:
                return
            level = levels.pop()


Document = document if is_on("walks") else nodes.document
