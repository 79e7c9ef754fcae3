"""Code as posts show it: each with a comment that no other block has."""

from random import Random

_MARKS = {"javascript": "//", "sql": "--"}

_SNIPPETS: dict[str, tuple[str, ...]] = {
    "python": (
        '''
import json
from pathlib import Path


def {word}(folder: Path, limit: int = {number}) -> dict[str, int]:
    """Count the lines of every file below *folder*."""
    found: dict[str, int] = {{}}
    for path in sorted(folder.rglob("*.{word}")):
        with path.open(encoding="utf-8") as lines:
            found[path.name] = sum(1 for line in lines if line.strip())
        if len(found) >= limit:
            break
    return found


if __name__ == "__main__":
    print(json.dumps({word}(Path.cwd()), indent=2))
''',
        '''
class {title}(Exception):
    """Raised after {number} tries."""

    def __init__(self, tries: int, *, cause: str = "{word}") -> None:
        super().__init__(f"{{cause}}: {{tries}} tries")
        self.tries = tries


async def fetch(session, url, tries={number}):
    for turn in range(tries):
        try:
            async with session.get(url, timeout=2.5) as answer:
                return await answer.json()
        except OSError:
            await asyncio.sleep(2**turn)
    raise {title}(tries)
''',
        """
from fabric import task


@task
def {word}(c, keep={number}):
    c.run("mkdir -p /srv/{word}")
    c.put("build.tar.gz", "/srv/{word}/")
    with c.cd("/srv/{word}"):
        c.run("tar xzf build.tar.gz && rm build.tar.gz")
        c.run(f"ls -t | tail -n +{{keep}} | xargs rm -rf")
""",
    ),
    "bash": (
        """
$ sudo apt-get install {word}-tools
$ systemctl status {word}.service
$ journalctl -u {word} --since "{number} min ago" | grep -v DEBUG
""",
        """
set -euo pipefail
for file in /var/backups/{word}-*.gz; do
    if [ "$(stat -c %s "$file")" -lt {number} ]; then
        echo "$file is too small" >&2
        exit 1
    fi
    gzip --test "$file" && mv "$file" "${{TARGET:-/srv/{word}}}/"
done
""",
    ),
    "nginx": (
        """
server {{
    listen 80;
    server_name {word}.example.org;
    root /srv/{word}/public;

    location / {{
        try_files $uri $uri/ =404;
        expires {number}s;
        add_header X-Frame-Options "DENY";
    }}

    location ~ \\.(png|jpg)$ {{
        access_log off;
    }}
}}
""",
    ),
    "sql": (
        """
CREATE TABLE {word} (
    id SERIAL PRIMARY KEY,
    name VARCHAR({number}) NOT NULL,
    created TIMESTAMP DEFAULT now()
);

SELECT name, count(*) AS total
  FROM {word}
 WHERE created > '2014-01-01' AND name <> 'admin'
 GROUP BY name
HAVING count(*) > {number}
 ORDER BY total DESC;
""",
    ),
    "yaml": (
        """
services:
  {word}:
    image: "registry/{word}:{number}"
    restart: always
    ports:
      - "127.0.0.1:{number}:80"
    environment:
      LANG: fr_FR.UTF-8
      DEBUG: false
    volumes: [data:/srv/{word}]
""",
    ),
    "javascript": (
        """
const {word} = (items, limit = {number}) =>
  items
    .filter((item) => item.score > 0.5 && item.name !== "{word}")
    .map(({{ name, score }}) => `${{name}}: ${{score.toFixed(2)}}`)
    .slice(0, limit);

document.addEventListener("DOMContentLoaded", async () => {{
  const answer = await fetch("/api/{word}");
  console.log({word}(await answer.json()));
}});
""",
    ),
}
LANGUAGES = ("python", "python", "python", "bash", "bash", "nginx", "sql", "yaml", "javascript")


def snippet(random: Random, word: str, place: str) -> tuple[str, str]:
    """Return the language of a code block and its text; *place* says whose block it is, in a comment."""
    language = random.choice(LANGUAGES)
    body = random.choice(_SNIPPETS[language]).strip("\n")
    text = body.format(word=word, title=word.title(), number=random.randint(2, 9000))
    return language, f"{_MARKS.get(language, '#')} {place}\n{text}"
