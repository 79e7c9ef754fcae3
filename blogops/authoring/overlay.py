"""What the preview adds to a page: the script that reloads it, and what is wrong, with file and line."""

from collections.abc import Sequence
from html import escape

from blogops.authoring.preview import Trouble

# A page whose style stays is changed in place: no flash, no jump, and quicker than to load it again.
SCRIPT = """\
(() => {
  let version = document.currentScript.dataset.version;
  const styles = (page) =>
    [...page.head.querySelectorAll("link[rel=stylesheet]")].map((link) => link.href).join();
  const scripts = (page) => page.querySelector("script[src]:not([data-version])");
  const show = async () => {
    const answer = await fetch(location.href);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const other = styles(next) !== styles(document) || scripts(next) || scripts(document);
    if (other) throw new Error("more than the body is another one");
    document.title = next.title;
    document.documentElement.lang = next.documentElement.lang;
    document.body.replaceWith(next.body);
  };
  const listen = () => {
    const socket = new WebSocket(`ws://${location.host}/_preview/changes`);
    socket.onmessage = ({ data }) => {
      if (data === version) return;
      version = data;
      show().catch(() => location.reload());
    };
    socket.onclose = () => setTimeout(listen, 500);
  };
  listen();
})();
"""

STYLE = """\
#_troubles { position: fixed; inset: auto 0 0 0; z-index: 9999; max-height: 60vh; overflow: auto;
  padding: 1rem 1.25rem; background: #7f1d1d; color: #fff; font: 1rem/1.5 system-ui, sans-serif; }
#_troubles h2 { margin: 0 0 .5rem; font-size: 1.1rem; color: inherit; }
#_troubles ul { margin: 0; padding-left: 1.2rem; }
#_troubles code { background: none; color: #fecaca; font: 1em ui-monospace, monospace; }
#_troubles p { margin: .5rem 0 0; white-space: pre-line; }
"""

_ALONE = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{0}</title>\n</head>\n'
    "<body>\n<h1>{0}</h1>\n</body>\n</html>\n"
)


def dressed(page: bytes, version: str, troubles: Sequence[Trouble]) -> bytes:
    """Return *page* with the preview's own script, and with *troubles* over it, if there are any."""
    added = [f'<script src="/_preview/reload.js" data-version="{escape(version)}"></script>\n']
    if troubles:
        added.insert(0, _shown(troubles))
    before, end, after = page.rpartition(b"</body>")
    if not end:
        before, after = page, b""
    return before + "".join(added).encode() + end + after


def page(title: str) -> bytes:
    """Return a page that says *title* and nothing else."""
    return _ALONE.format(escape(title)).encode()


def _shown(troubles: Sequence[Trouble]) -> str:
    count = "1 problem" if len(troubles) == 1 else f"{len(troubles)} problems"
    lines = "\n".join(_line(each) for each in troubles)
    return (
        f'<link rel="stylesheet" href="/_preview/overlay.css">\n<div id="_troubles" role="alert" lang="en">\n'
        f"<h2>{count}: a release would be refused</h2>\n<ul>\n{lines}\n</ul>\n"
        "<p>What is shown is what could be built last. It is built again when you save.</p>\n</div>\n"
    )


def _line(trouble: Trouble) -> str:
    where = f"<code>{escape(trouble.where)}</code> " if trouble.where else ""
    hint = f"<p>{escape(trouble.hint)}</p>" if trouble.hint else ""
    return f"<li>{where}{escape(trouble.problem)}{hint}</li>"
