"""The web application: its settings, routes and middleware, and what runs as long as it does."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import SplitResult

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount

from lib.domain.jobs import JobKind
from lib.errors import InvalidSettings
from lib.serving.automl.api_guard import ApiGuard, ApiRules
from lib.settings import ROOT, Settings
from lib.telemetry.logs import start_logs
from lib.web import providers, resources, sign_in
from lib.web.api_callers import identify_caller, record_change
from lib.web.base_path import BasePath, PathGuard, StripBasePath
from lib.web.garbage_collection import freeze_imports
from lib.web.health import Readiness, find_checks, make_health_routes
from lib.web.known_paths import KnownPaths, find_path_name
from lib.web.metrics_route import make_metrics_route
from lib.web.old_addresses import OldAddresses
from lib.web.page_head import PageHead
from lib.web.proxies import ProxyHeaders
from lib.web.request_guards import HostGuard, OriginGuard, SignOutGuard, SignOutRules
from lib.web.request_log import RequestLog
from lib.web.return_to import ReturnToMiddleware
from lib.web.routes import Sources, make_routes
from lib.web.runtime_guard import RuntimeGuard, RuntimeRules
from lib.web.security_headers import SecurityHeaders
from lib.web.sign_in import find_caller, record_upload_refused, sign_out_caller
from lib.web.socket_limits import SocketLimits
from lib.web.startup_checks import check_address, check_sign_in, find_hosts
from lib.web.streamlit_internals import configure_server, send_at_once
from lib.web.warm_up import import_for_pages

MAIN_SCRIPT = ROOT / "lib/ui/main.py"
"""The script that Streamlit runs for every page."""

_ENDS_WITHIN_S = 20
"""How long calls in flight may take when the server stops."""
_API_VERSIONS = ("/v1", "/v1beta1")


@dataclass(frozen=True, slots=True)
class Application:
    """What the parts of the application share: settings, base path, address in browsers, and rules of the API."""

    settings: Settings
    base: BasePath
    own_url: SplitResult
    api_rules: ApiRules

    def make_routes(self) -> list[BaseRoute]:
        """Return the routes beside the pages: images, files, health, figures and the prediction API."""
        sources = Sources(resources.store, resources.exports, find_caller, resources.find_sample)
        api = StripBasePath(ApiGuard(resources.prediction_service().rest_app, self.api_rules), self.base)
        return [
            *make_routes(self.base, sources),
            *make_health_routes(self.base, Readiness(find_checks())),
            make_metrics_route(self.base, self.settings.calls_per_minute),
            *(Mount(self.base.join(version), api) for version in _API_VERSIONS),
        ]

    def make_middleware(self) -> list[Middleware]:
        """Return the middleware; the first one sees a request first.

        Client, path, host and origin of a request are settled before anything else looks at it.
        """
        allow_anonymous = self.settings.allow_anonymous
        hosts = find_hosts(self.settings.hosts, self.own_url.hostname or "", allow_anonymous=allow_anonymous)
        sign_out_rules = SignOutRules(self.base, self.own_url, sign_out_caller)
        runtime_rules = RuntimeRules(self.base, find_caller, record_upload_refused)
        return [
            Middleware(RequestLog, find_name=partial(find_path_name, base=self.base)),
            Middleware(ProxyHeaders, proxies=self.settings.proxies),
            Middleware(SecurityHeaders, secure=self.own_url.scheme == "https"),
            Middleware(PathGuard),
            Middleware(HostGuard, hosts=hosts, base=self.base),
            Middleware(OriginGuard, own_url=self.own_url),
            Middleware(OldAddresses, base=self.base),
            Middleware(KnownPaths, base=self.base),
            Middleware(SocketLimits, find_person=find_caller),
            Middleware(ReturnToMiddleware, base=self.base),
            Middleware(PageHead, base=self.base),
            Middleware(SignOutGuard, rules=sign_out_rules),
            Middleware(
                RuntimeGuard,
                rules=runtime_rules,
                uploads=resources.uploads(),
                find_store=resources.store,
            ),
        ]

    def make_lifespan(self) -> Callable[[st.App], AbstractAsyncContextManager[None]]:
        """Return the context in which the server runs.

        Before the first page is opened, the built-in service listens and everything that pages import is imported:
        several people may open the first pages at once.
        """

        @asynccontextmanager
        async def lifespan(_: st.App) -> AsyncIterator[None]:
            configure_server()
            listening = asyncio.create_task(send_at_once())
            import_for_pages()
            self.start_logs()
            freeze_imports()
            resources.garbage().start()
            resources.grpc_address()
            if self.settings.grpc_port:
                # For programs on this machine, within the permissions of their tokens.
                resources.prediction_service().start_grpc(f"127.0.0.1:{self.settings.grpc_port}", self.api_rules)
            cleanup = resources.start_cleanup()
            resources.jobs().continue_by_kind = {JobKind.PREDICTION: providers.continue_job}
            resources.jobs().start()
            with ExitStack() as ending:  # each ends, whatever happens to the others; what was added last ends first
                ending.callback(resources.image_workers().close)
                ending.callback(resources.prediction_service().stop)
                ending.callback(resources.garbage().stop)
                ending.callback(cleanup.stop)
                yield
                listening.cancel()
                await run_in_threadpool(resources.jobs().close, _ENDS_WITHIN_S)

        return lifespan

    def start_logs(self) -> None:
        """Write all lines of the log in the format of the settings."""
        start_logs(as_json=self.settings.log_format == "json")


def open_application() -> Application:
    """Read the settings and check them. Ends the process with a sentence if they are invalid."""
    try:
        settings, base = resources.settings(), resources.base_path()
        if sign_in.is_on():
            check_sign_in(sign_in.find_auth(), resources.access(), base)
        check_address(st.get_option("server.address"), open_to_all=sign_in.is_on() or settings.allow_anonymous)
        resources.store()  # which tries the database and the place of images
    except InvalidSettings as error:
        sys.exit(str(error))
    api_rules = ApiRules(settings.calls_per_minute, identify_caller, record_change)
    application = Application(settings, base, sign_in.find_own_url(), api_rules)
    application.start_logs()
    return application
