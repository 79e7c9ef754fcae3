"""XML, read with care: what declares names of its own (which could grow, or fetch a file) is refused."""

from dataclasses import dataclass
from xml.parsers import expat


@dataclass(frozen=True)
class Xml:
    """What stands in an XML file; names are "NAMESPACE NAME".

    *root* is the first element, *texts* are what the wanted ones hold.
    """

    root: str
    texts: tuple[str, ...]


def read(data: bytes, wanted: str = "") -> Xml:
    """Return what stands in *data*, with the texts of the elements called *wanted*.

    Raises `ValueError`, in a sentence, if that is no XML or has a document type.
    """
    root = ""
    texts: list[list[str]] = []
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal root
        root = root or name
        if name == wanted:
            texts.append([])
            parser.CharacterDataHandler = texts[-1].append

    def end(name: str) -> None:
        if name == wanted:
            parser.CharacterDataHandler = None

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError) as error:
        raise ValueError(f"it is no XML: {error}") from error
    return Xml(root, tuple("".join(text).strip() for text in texts))


def _refuse(*_declared: object) -> None:
    raise ValueError("it has a document type, which may hold anything")
