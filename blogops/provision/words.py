"""The vocabulary: what every word says should be so is only collected; the agent looks and acts on the host.

Names are those of fabtools wherever it has one (https://fabtools.readthedocs.io); docs/require.md lists
both side by side.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from blogops.provision.collector import Collector, one_line, refuse
from blogops.provision.commands import Commands
from blogops.provision.cron import Cron
from blogops.provision.git import Git
from blogops.provision.nginx import Nginx
from blogops.provision.packages import Deb
from blogops.provision.plan import Action, Outcome, Resource
from blogops.provision.postfix import Postfix
from blogops.provision.postgres import Postgres
from blogops.provision.python import Python
from blogops.provision.services import Service
from blogops.provision.supervisor import Supervisor
from blogops.provision.system import System


class Require(Commands):
    """The vocabulary; `blogops.provision.on` hands it out, and fills in `outcome` when its block ends."""

    outcome: Outcome

    def __init__(self) -> None:
        super().__init__(Collector())
        self.deb = Deb(self)
        self.service = Service(self)
        self.python = Python(self)
        self.git = Git(self)
        self.cron = Cron(self)
        self.supervisor = Supervisor(self)
        self.nginx = Nginx(self)
        self.postfix = Postfix(self)
        self.postgres = Postgres(self)
        self.system = System(self)

    @contextmanager
    def notify(self, *actions: Action) -> Iterator[None]:
        """Run *actions*, each once at the end of the run, if anything required in the block changed.

        They are owed until they succeed: a run that fails or is cut off leaves them to the next.

        ::

            with require.notify(provision.restart("myapp")):
                require.file("/etc/myapp/settings.ini", "[app]\\n")
        """
        with self.collector.scope(notify=actions):
            yield

    @contextmanager
    def only_if(self, command: str) -> Iterator[None]:
        """Bring about what the block requires only where *command* succeeds on the server.

        It is asked just before each resource, by ``sh``, with ``--check`` too: it must change nothing.

        ::

            with require.only_if("test -e /dev/vda2"):
                require.directory("/srv/media")
        """
        if not one_line(command).strip():
            raise refuse("only_if needs a command")
        with self.collector.scope(only_if=[command]):
            yield

    @contextmanager
    def after(self, *resources: Resource) -> Iterator[None]:
        """Say that what the block requires depends on *resources*, which other words returned.

        Resources are always brought about in the order of the fabfile. This tells ``--check`` that it
        cannot know the block's outcome while one of them is still to change.

        ::

            schema = require.file("/srv/myapp/schema.sql", "create table …")
            with require.after(schema):
                require.command("/srv/myapp/load-schema", unless="/srv/myapp/has-schema")
        """
        with self.collector.scope(after=resources):
            yield
