"""The preview as an ASGI application: one page with the report's documents in frames, reloaded after changes.

Figures and names come from an API, so the page treats them as text. Markup made from them appears only in frames that
run no scripts and load only what is served here.
"""

from collections.abc import AsyncIterator, Callable, Collection

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from reporter.domain.errors import ReporterError
from reporter.preview.drafts import Drafts
from reporter.preview.error_page import explain
from reporter.preview.file_watch import Changes
from reporter.preview.pages import dressed, font_faces, illustrated, own_page, own_part
from reporter.preview.request_guard import Guard
from reporter.rendering.templates import STYLESHEET
from reporter.rendering.translation import parse_locale
from reporter.rendering.typefaces import folders

_OURS = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; frame-src 'self'"
_DATA = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'"
_FRAME = "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:"
_SEALED = f"{_FRAME}; sandbox"
_PAGE = f"{_FRAME}; sandbox allow-same-origin"
"""Content security policies: the page around the frames; the data, with its search; the email, as strict as possible;
the report's pages, with the bundled fonts.
"""

_PARTS = {
    "preview.css": "text/css",
    "page.css": "text/css",
    "preview.js": "text/javascript",
    "data.js": "text/javascript",
}
_PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
_RETRY = 1000
"""Milliseconds until a browser reconnects to the events, for a preview that was restarted."""

Answer = Callable[[Request], Response]


def create_app(drafts: Drafts, changes: Changes, names: Collection[str], tags: Collection[str]) -> Starlette:
    """Create the application that serves these drafts.

    `names` are the accepted hosts besides addresses and localhost; `tags` are short labels of the report's settings.
    """
    language = parse_locale(drafts.data.settings.locale).language

    def draft(path: str, make: Callable[[], Response]) -> Route:
        def answer(_: Request) -> Response:
            try:
                return make()
            except ReporterError as error:
                return _page(own_page("fault", fault=explain(error)), _SEALED, 500)

        return Route(path, answer)

    def picture(request: Request) -> Response:
        return _picture(drafts, request.path_params["name"])

    routes = [
        Route("/", lambda _: _page(own_page("shell", drafts=drafts, tags=tags), _OURS)),
        Route("/events", lambda _: StreamingResponse(_events(changes), media_type="text/event-stream")),
        draft("/report.pdf", lambda: Response(drafts.pdf(), media_type="application/pdf")),
        draft("/mail.html", lambda: _page(illustrated(drafts.mail()), _SEALED)),
        draft("/mail.txt", lambda: _page(own_page("plain", title="Mail as text", text=drafts.text()), _SEALED)),
        draft("/page.html", lambda: _page(dressed(drafts.page()), _PAGE)),
        draft(f"/{STYLESHEET}", lambda: Response(drafts.stylesheet(), media_type="text/css")),
        draft("/data.html", lambda: _page(own_page("data", facts=drafts.facts()), _DATA)),
        Route("/bundle/{name}", picture),
        Route("/fonts.css", lambda _: Response(font_faces(language), media_type="text/css")),
        Route("/fonts/{name}", _font),
        *(Route(f"/{name}", _part(name, kind)) for name, kind in _PARTS.items()),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, names=names)])


async def _events(changes: Changes) -> AsyncIterator[str]:
    """Server-sent events, each with the version to show."""
    yield f"retry: {_RETRY}\n\n"
    async for version in changes.versions():
        yield f"data: {version}\n\n"


def _page(html: str, policy: str, status: int = 200) -> Response:
    return HTMLResponse(html, status, {"Content-Security-Policy": policy})


def _part(name: str, kind: str) -> Answer:
    return lambda _: Response(own_part(name), media_type=kind)


def _picture(drafts: Drafts, name: str) -> Response:
    picture = drafts.asset(name)
    if picture is None:
        raise HTTPException(404)
    kind = _PICTURES[name.rpartition(".")[2]]
    return Response(picture, headers={"Content-Security-Policy": _SEALED}, media_type=kind)


def _font(request: Request) -> Response:
    fonts = {font.name: font for folder in folders() for font in folder.glob("*.ttf")}
    if request.path_params["name"] not in fonts:
        raise HTTPException(404)
    return FileResponse(fonts[request.path_params["name"]], media_type="font/ttf")
