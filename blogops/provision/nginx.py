"""``require.nginx``: the web server and its sites."""

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from blogops.provision.collector import absolute, refuse, render
from blogops.provision.plan import Resource, reload

if TYPE_CHECKING:
    from blogops.provision.words import Require

_RELOAD = reload("nginx")


class Nginx:
    """``require.nginx``: the web server and its sites."""

    def __init__(self, require: "Require") -> None:
        self._require = require

    def server(self) -> Resource:
        """Require nginx to be installed, running, and started at boot.

        ::

            require.nginx.server()
        """
        package = self._require.deb.package("nginx")
        with self._require.after(package):
            self._require.service.started("nginx")
        return package

    def site(
        self,
        server_name: str,
        contents: str = "",
        *,
        template_contents: str = "",
        template_source: str | Path = "",
        enabled: bool = True,
        **context: object,
    ) -> Resource:
        """Require a site: its file and, if *enabled*, its link, kept only if ``nginx -t`` accepts them.

        Of one that is not *enabled* the link goes. Its *contents* are written as they are. A template gets
        *context* and ``server_name``.

        ::

            require.nginx.site("example.com", contents="server { listen 80; root /srv/www; }")
        """
        available, link = _paths(server_name)
        with self._require.after(self.server()):
            if contents:
                made = self._require.file(available, contents, notify=[_RELOAD])
            else:
                made = self._require.template_file(
                    available,
                    template_contents=template_contents,
                    template_source=template_source,
                    context={"server_name": server_name, **context},
                    notify=[_RELOAD],
                )
            if enabled:
                return self._require.link(link, available, notify=[_RELOAD])
            self._require.absent(link, notify=[_RELOAD])
            return made

    def proxied_site(
        self, server_name: str, *, proxy_url: str, docroot: str = "", port: int = 80, enabled: bool = True
    ) -> Resource:
        """Require a site whose requests go to *proxy_url*, but for the files that are in *docroot*.

        ::

            require.nginx.proxied_site("example.com", proxy_url="http://127.0.0.1:8888")
        """
        url = urlsplit(proxy_url)
        if url.scheme not in ("http", "https") or not url.hostname or re.search(r"[\s;{}\"'$]", proxy_url):
            raise refuse(f'"{proxy_url}" is not an address to proxy to', 'Like "http://127.0.0.1:8888".')
        context = {
            "proxy_url": proxy_url,
            "docroot": _folder(docroot) if docroot else "",
            "port": _port(port),
        }
        contents = render("nginx-proxied.conf.j2", {"server_name": _name(server_name), **context})
        return self.site(server_name, contents, enabled=enabled)

    def static_site(
        self, server_name: str, *, docroot: str, port: int = 80, enabled: bool = True
    ) -> Resource:
        """Require a site that serves the files in *docroot*, and none that are hidden.

        ::

            require.nginx.static_site("example.com", docroot="/srv/www")
        """
        context = {"server_name": _name(server_name), "docroot": _folder(docroot), "port": _port(port)}
        return self.site(server_name, render("nginx-static.conf.j2", context), enabled=enabled)

    def disabled(self, server_name: str) -> Resource:
        """Require a site not to be enabled; its file in sites-available stays.

        ::

            require.nginx.disabled("default")
        """
        with self._require.after(self.server()):
            return self._require.absent(_paths(server_name)[1], notify=[_RELOAD])


def _paths(name: str) -> tuple[str, str]:
    return f"/etc/nginx/sites-available/{_name(name)}", f"/etc/nginx/sites-enabled/{name}"


def _name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", name):
        raise refuse(f'"{name}" cannot be the name of a site', "Write one like example.com.")
    return name


def _folder(path: str) -> str:
    if re.search(r"[\s;{}\"'$]", path):
        raise refuse(f'"{path}" cannot be a docroot', "Use a path without spaces and nginx's own signs.")
    return absolute(path)


def _port(port: int) -> int:
    if not 0 < port < 65536:
        raise refuse(f"{port} is not a port")
    return port
