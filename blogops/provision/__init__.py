"""The `require` vocabulary of fabtools, on Fabric 3: words collect a plan, one round trip brings it about.

::

    from fabric import task
    from blogops import provision

    @task
    def setup(c):
        with provision.on(c) as require:
            require.deb.packages(["imagemagick", "libxml2-dev"])
            require.user("myuser")
            require.cron.daily("maintenance", user="myuser", command="my_script.py")
"""

from blogops.provision.apply import Options, apply, on
from blogops.provision.plan import Action, Outcome, Plan, Resource, reload, restart
from blogops.provision.secret import Secret
from blogops.provision.words import Require

__all__ = [
    "Action",
    "Options",
    "Outcome",
    "Plan",
    "Require",
    "Resource",
    "Secret",
    "apply",
    "on",
    "reload",
    "restart",
]
