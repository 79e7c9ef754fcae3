"""The example of the article, on a blank Debian: its imports adapted, nothing else.

``fab -H root@HOST app setup``: `app` brings what the article takes for granted, the application itself;
`setup` is the article's, word for word (example/content/retours-pyconfr-2012.rst). Try it on a machine of
your own: ``fab vm.up``, in the clone, shows how to reach one.
"""

from pathlib import Path

from blogops import fabtools
from blogops.fabtools import require, task

HERE = Path(__file__).parent


@task
def setup():

    # Require some Debian/Ubuntu packages
    require.deb.packages([
        'imagemagick',
        'libxml2-dev',
    ])

    # Require a Python package
    with fabtools.python.virtualenv('/home/myuser/env'):
        require.python.package('pyramid')

    # Require an email server
    require.postfix.server('example.com')

    # Require a PostgreSQL server
    require.postgres.server()
    require.postgres.user('myuser', 's3cr3tp4ssw0rd')
    require.postgres.database('myappsdb', 'myuser')

    # Require a supervisor process for our app
    require.supervisor.process('myapp',
        command='/home/myuser/env/bin/gunicorn_paster /home/myuser/env/myapp/production.ini',
        directory='/home/myuser/env/myapp',
        user='myuser'
        )

    # Require an nginx server proxying to our app
    require.nginx.proxied_site('example.com',
        docroot='/home/myuser/env/myapp/myapp/public',
        proxy_url='http://127.0.0.1:8888'
        )

    # Setup a daily cron task
    fabtools.cron.add_daily('maintenance', 'myuser', 'my_script.py')



@task
def app():
    """Bring the application that the article's setup starts, and gunicorn by the name it had in 2012."""
    with fabtools.python.virtualenv("/home/myuser/env"):
        require.python.packages(["pyramid", "gunicorn", "PasteDeploy"])
    require.directory("/home/myuser", owner="myuser", mode="711")  # Debian 13 lets nginx through no more
    folders = ["/home/myuser/env/myapp", "/home/myuser/env/myapp/myapp", "/home/myuser/env/myapp/myapp/public"]
    require.directories(folders, owner="myuser")
    for name in ("production.ini", "myapp/__init__.py", "myapp/public/hello.txt"):
        require.file(f"/home/myuser/env/myapp/{name}", source=HERE / "myapp" / name, owner="myuser")
    paster = "#!/bin/sh\nexec /home/myuser/env/bin/gunicorn --bind 127.0.0.1:8888 --paste \"$@\"\n"
    require.file("/home/myuser/env/bin/gunicorn_paster", paster, owner="myuser", mode="755")
