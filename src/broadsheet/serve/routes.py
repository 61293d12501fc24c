"""Every route, on one screen."""

from __future__ import annotations

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from broadsheet.serve import (
    api,
    archives,
    desk,
    digests,
    editions,
    expected,
    following,
    forms,
    foryou,
    hf_api,
    marks,
    papers,
    previews,
    readers,
    searches,
    start,
    status,
    syndication,
    topics,
    transcript,
    trending,
)
from broadsheet.serve.community import curation, discussion, submissions
from broadsheet.serve.people import account, admin, entrance, provider
from broadsheet.serve.press import STATIC
from broadsheet.serve.site import Handler, Site


def routes(site: Site, *, mcp: ASGIApp | None = None) -> list[BaseRoute]:
    """What can be asked of a site. The first route that fits answers; what a form sent is in ``request.state.form``.

    ``mcp``: None where its extra is not installed.
    """

    def get(path: str, handler: Handler) -> list[BaseRoute]:
        return [Route(path, partial(handler, site), methods=["GET"])]

    def post(path: str, handler: Handler) -> list[BaseRoute]:
        async def endpoint(request: Request) -> Response:
            request.state.form = await forms.read(request)
            return await run_in_threadpool(handler, site, request)

        return [Route(path, endpoint, methods=["POST"], name=handler.__name__)]

    def post_file(path: str, handler: Handler, *, largest: int) -> list[BaseRoute]:
        async def endpoint(request: Request) -> Response:
            request.state.file = await forms.read_file(request, "file", largest=largest)
            return await run_in_threadpool(handler, site, request)

        return [Route(path, endpoint, methods=["POST"], name=handler.__name__)]

    def feed(path: str, handler: Handler) -> list[BaseRoute]:
        return [*get(f"{path}.atom", handler), *get(f"{path}.json", handler)]

    return [
        *get("/", editions.latest),
        *feed("/edition/{day}", syndication.edition),
        *get("/edition/{day}", editions.edition),
        *get("/edition/{day}/curate", curation.edition),
        *post("/edition/{day}/pin", curation.pin),
        *post("/edition/{day}/unpin", curation.unpin),
        *post("/edition/{day}/note", curation.write_note),
        *get("/edition/{day}/topics", topics.edition),
        *get("/edition/{day}/{key}", editions.section),
        *get("/topics/{key}", topics.lately),
        *get("/map", topics.map_page),
        *get("/map.json", topics.map_json),
        *get("/archive", archives.archive),
        *get("/archive/{period}", archives.period),
        *get("/search", searches.search),
        *get("/papers/{id:path}/marks", marks.standing),
        *post("/papers/{id:path}/marks", marks.mark),
        *post("/papers/{id:path}/vote", discussion.vote),
        *post("/papers/{id:path}/unvote", discussion.unvote),
        *post("/papers/{id:path}/comments", discussion.comment),
        *post("/papers/{id:path}/links", submissions.offer_link),
        *post("/papers/{id:path}/keep-out", curation.keep_out),
        *get("/papers/{id:path}.bib", papers.bibtex),
        *get("/papers/{id:path}.ris", papers.ris),
        *get("/papers/{id:path}.json", papers.csl),
        *get("/papers/{id:path}.md", transcript.page),
        *get("/papers/{id:path}/similar", papers.similar),
        *get("/papers/{id:path}", papers.paper),
        *get("/comments/{id}", discussion.one),
        *post("/comments/{id}/edit", discussion.edit),
        *post("/comments/{id}/delete", discussion.delete),
        *post("/comments/{id}/report", discussion.report),
        *get("/discussion", discussion.latest),
        *get("/submit", submissions.page),
        *post("/submit", submissions.submit),
        *get("/moderate", curation.moderation),
        *post("/moderate/comments/{id}", curation.judge_comment),
        *post("/moderate/links", curation.judge_link),
        *post("/moderate/claims", curation.judge_claim),
        *get("/authors/{key}/claim", submissions.claim_page),
        *post("/authors/{key}/claim", submissions.claim),
        *get("/authors/{key}", readers.author),
        *post("/authors/{key}/people", readers.mend),
        *get("/desk", desk.page),
        *post("/desk/seen", desk.see_notices),
        *post("/desk/feeds", desk.feeds),
        *get("/desk/export.jsonl", desk.as_lines),
        *get("/desk/export.bib", desk.as_bibtex),
        *get("/desk/delete", desk.delete_page),
        *post("/desk/delete", desk.delete),
        *get("/desk/start", start.page),
        *post_file("/desk/start/file", start.bring_file, largest=start.LARGEST),
        *post("/desk/start/orcid", start.bring_works),
        *post("/desk/start/author", start.keep_author),
        *post("/desk/start/picked", start.pick),
        *get("/following", following.page),
        *post("/following", following.follow),
        *post("/following/seen", following.seen),
        Route("/saved", RedirectResponse("/desk", status_code=301)),
        *get("/subscribe", digests.subscribe),
        *post("/subscribe", digests.ask),
        *get("/digest", digests.digest),
        *post("/digest", digests.ask_own),
        *post("/digest/stop", digests.stop),
        *get("/digest/preview.html", digests.preview),
        *get("/digest/preview.txt", digests.preview),
        *get("/mail/subscribe/{ticket}", digests.confirming),
        *post("/mail/subscribe/{ticket}", digests.confirm),
        *get("/mail/unsubscribe/{ticket}", digests.leaving),
        *post("/mail/unsubscribe/{ticket}", digests.leave),
        *get("/mail/save/{ticket}", digests.saving),
        *post("/mail/save/{ticket}", digests.save),
        *get("/mail/hide/{ticket}", digests.hiding),
        *post("/mail/hide/{ticket}", digests.hide),
        *get("/expected", expected.page),
        *get("/trending", trending.page),
        *feed("/feeds/trending", syndication.trend),
        *get("/for-you", foryou.page),
        *get("/for-you/interests", foryou.interests),
        *post("/for-you/interests", foryou.wish),
        *post("/for-you/reset", foryou.reset),
        *post("/for-you/dial", foryou.set_dial),
        *feed("/feeds/edition", syndication.latest_edition),
        *feed("/feeds/search", syndication.search),
        *feed("/feeds/authors/{key}", syndication.author),
        *feed("/feeds/categories/{key}", syndication.category),
        *feed("/feeds/topics/{key}", syndication.topic),
        *feed("/feeds/mine/{token}", syndication.private),
        *get("/login", entrance.login_page),
        *post("/login", entrance.log_in),
        *get("/login/provider", provider.begin),
        *get("/login/provider/back", provider.finish),
        *post("/logout", entrance.log_out),
        *get("/register", entrance.register_page),
        *post("/register", entrance.register),
        *get("/confirm/{secret}", entrance.confirm_page),
        *post("/confirm/{secret}", entrance.confirm),
        *get("/join/{secret}", entrance.join_page),
        *post("/join/{secret}", entrance.join),
        *get("/forgot", entrance.forgot_page),
        *post("/forgot", entrance.forgot),
        *get("/reset/{secret}", entrance.reset_page),
        *post("/reset/{secret}", entrance.reset),
        *get("/account", account.page),
        *post("/account/name", account.rename),
        *post("/account/password", account.set_password),
        *post("/account/logins/end", account.end_login),
        *post("/account/tokens", account.make_token),
        *post("/account/tokens/revoke", account.revoke_token),
        *get("/account/delete", account.delete_page),
        *post("/account/delete", account.delete),
        *get("/admin/people", admin.people),
        *post("/admin/people/role", admin.set_role),
        *post("/admin/people/ban", admin.ban),
        *post("/admin/people/reset", admin.reset_link),
        *post("/admin/invitations", admin.invite),
        *post("/admin/invitations/tear", admin.uninvite),
        *get("/admin/log", admin.log),
        Mount(api.PREFIX, api.create_api(site)),
        *get("/api/daily_papers", hf_api.daily_papers),
        *get("/api/papers", hf_api.papers),
        *get("/api/papers/search", hf_api.search),
        *get("/api/papers/{id:path}", hf_api.paper),
        *get("/api/arxiv/{id:path}/repos", hf_api.repos),
        *([Route("/mcp", mcp, methods=["POST"])] if mcp else []),
        *get("/oembed", previews.oembed),
        *get("/about", status.about),
        *get("/healthz", status.health),
        *get("/readyz", status.ready),
        *get("/metrics", status.metrics),
        *get("/favicon.ico", status.favicon),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
