"""The smallest application that Pyramid makes."""

from pyramid.config import Configurator
from pyramid.response import Response


def hello(request):
    """Answer every visitor alike."""
    return Response(f"Trop cool, {request.host}!\n", content_type="text/plain")


def main(global_config, **settings):
    """Return the WSGI application, as PasteDeploy asks for it."""
    config = Configurator(settings=settings)
    config.add_route("home", "/")
    config.add_view(hello, route_name="home")
    return config.make_wsgi_app()
