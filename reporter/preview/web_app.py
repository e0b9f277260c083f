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
from reporter.preview.pages import error_page, font_faces, illustrated, own_page, own_part, styled
from reporter.preview.request_guard import Guard
from reporter.rendering.brand import assets
from reporter.rendering.render import mail_html, mail_text, make_pdf, page_html
from reporter.rendering.templates import STYLESHEET, stylesheet
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
_IMAGES = {"svg": "image/svg+xml", "png": "image/png"}
_RETRY = 1000
"""Milliseconds until a browser reconnects to the events, for a preview that was restarted."""


def create_app(drafts: Drafts, names: Collection[str], tags: Collection[str]) -> Starlette:
    """Create the application that serves these drafts.

    `names` are the accepted hosts besides addresses and localhost; `tags` are short labels of the report's settings.
    """
    settings = drafts.data.settings

    def draft(path: str, make: Callable[[], Response]) -> Route:
        def answer(_: Request) -> Response:
            try:
                return make()
            except ReporterError as error:
                return _page(error_page(error), _SEALED, 500)

        return Route(path, answer)

    def text() -> Response:
        return _page(own_page("plain", title="Email as text", text=drafts.render(mail_text)), _SEALED)

    def image(request: Request) -> Response:
        name = request.path_params["name"]
        content = assets(settings.brand).get(name)
        if content is None:
            raise HTTPException(404)
        return Response(
            content, headers={"Content-Security-Policy": _SEALED}, media_type=_IMAGES[name.rpartition(".")[2]]
        )

    routes = [
        Route("/", lambda _: _page(own_page("shell", drafts=drafts, tags=tags), _OURS)),
        Route("/events", lambda _: StreamingResponse(_events(drafts), media_type="text/event-stream")),
        draft("/report.pdf", lambda: Response(drafts.render(make_pdf), media_type="application/pdf")),
        draft("/mail.html", lambda: _page(illustrated(drafts.render(mail_html)), _SEALED)),
        draft("/mail.txt", text),
        draft("/page.html", lambda: _page(styled(drafts.render(page_html)), _PAGE)),
        draft(f"/{STYLESHEET}", lambda: Response(stylesheet(settings.template), media_type="text/css")),
        draft("/data.html", lambda: _page(own_page("data", facts=drafts.facts()), _DATA)),
        Route("/bundle/{name}", image),
        Route(
            "/fonts.css", lambda _: Response(font_faces(parse_locale(settings.locale).language), media_type="text/css")
        ),
        Route("/fonts/{name}", _font),
        *(Route(f"/{name}", _part(name, kind)) for name, kind in _PARTS.items()),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, names=names)])


async def _events(drafts: Drafts) -> AsyncIterator[str]:
    """Server-sent events, each with the version to show."""
    yield f"retry: {_RETRY}\n\n"
    async for version in drafts.versions():
        yield f"data: {version}\n\n"


def _page(html: str, policy: str, status: int = 200) -> Response:
    return HTMLResponse(html, status, {"Content-Security-Policy": policy})


def _part(name: str, kind: str) -> Callable[[Request], Response]:
    return lambda _: Response(own_part(name), media_type=kind)


def _font(request: Request) -> Response:
    fonts = {font.name: font for folder in folders() for font in folder.glob("*.ttf")}
    if request.path_params["name"] not in fonts:
        raise HTTPException(404)
    return FileResponse(fonts[request.path_params["name"]], media_type="font/ttf")
