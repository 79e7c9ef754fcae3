"""Readers: threads that ask for pages without end, and remember each answer that is not as it should be."""

import http.client
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType

EDITION = re.compile(rb"Edition-[0-9a-z]+")
PAGES = ("/", "/post-3.html", "/feeds/all.atom.xml", "/post-6.html")
SLOW = 1.0  # seconds; a reader takes that for an outage
TIMEOUT = 15.0  # seconds


@dataclass
class Seen:
    """What the readers have seen: how many answers, which editions under which release's name, and what was
    wrong: when it was asked for, when it came, and what it was.
    """

    requests: int = 0
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    lost: list[tuple[float, float, str]] = field(default_factory=list)
    slow: list[tuple[float, float, str]] = field(default_factory=list)

    @property
    def outage(self) -> float:
        """From the first moment at which something was wrong to the last, in seconds."""
        wrong = [*self.lost, *self.slow]
        return max(end for _, end, _ in wrong) - min(began for began, _, _ in wrong) if wrong else 0.0


class Poller:
    """Readers of the blog at *port*, for as long as the block lasts; half of them keep their connection."""

    def __init__(self, port: int, *, readers: int = 4, pause: float = 0.02) -> None:
        self.seen = Seen()
        self._port, self._pause = port, pause
        self._over, self._lock = threading.Event(), threading.Lock()
        self._threads = [
            threading.Thread(target=self._read, args=(number % 2 == 0, number), daemon=True)
            for number in range(readers)
        ]

    def __enter__(self) -> "Seen":
        for thread in self._threads:
            thread.start()
        return self.seen

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _read(self, keeps: bool, number: int) -> None:
        connection = self._connection()
        while not self._over.is_set():
            number += 1
            self._ask(connection, PAGES[number % len(PAGES)], keeps)
            if not keeps:
                connection.close()
                connection = self._connection()
            time.sleep(self._pause)
        connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)

    def _ask(self, connection: http.client.HTTPConnection, page: str, keeps: bool) -> None:
        began = time.monotonic()
        headers = {"Host": "blog.example.org", "Connection": "keep-alive" if keeps else "close"}
        try:
            connection.request("GET", page, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self._note(began, page, problem=f"{type(error).__name__}: {error}")
            return
        editions = {found.decode() for found in EDITION.findall(body)}
        problem = "" if answer.status == 200 else str(answer.status)
        if not problem and len(editions) != 1:
            problem = f"editions {sorted(editions)} in one body"
        self._note(began, page, problem, (answer.getheader("X-Release") or "", *editions))

    def _note(self, began: float, page: str, problem: str, told: tuple[str, ...] = ()) -> None:
        ended = time.monotonic()
        with self._lock:
            self.seen.requests += 1
            if problem:
                self.seen.lost.append((began, ended, f"{page}: {problem}"))
            else:
                release, edition = told
                self.seen.pairs[release, edition] += 1
            if ended - began > SLOW:
                self.seen.slow.append((began, ended, f"{page}: {ended - began:.1f} s"))
