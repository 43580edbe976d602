"""The web server: pages for people, the AutoML REST API for programs and a health check, on one port.

Start it with `make run`, or `streamlit run app.py`.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount

from lib.errors import InvalidSettings
from lib.serving.api_guard import ApiGuard, ApiRules
from lib.ui import resources
from lib.ui.banner import hide_banner
from lib.ui.binding import check_address, check_sign_in, find_hosts
from lib.ui.host_guard import HostGuard
from lib.ui.routes import ROUTES
from lib.ui.security_headers import SecurityHeaders
from lib.ui.sign_in import provider
from lib.ui.sign_in.come_back import ComeBack
from lib.ui.sign_in.programs import find_objection
from lib.ui.sign_in.runtime_guard import RuntimeGuard
from lib.web.garbage import set_aside
from lib.web.warm_up import import_late


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Have the built-in prediction service listening before the first page is asked for, and old sessions deleted.

    All that pages import is imported by then: several people may open the first ones at once.
    """
    hide_banner()
    import_late()
    set_aside()
    resources.garbage().start()
    resources.grpc_port()
    keeper = resources.start_keeper()
    yield
    if keeper:
        keeper.stop()
    resources.garbage().stop()
    resources.prediction_service().stop()


try:
    settings = resources.settings()
    if provider.is_on():
        check_sign_in(provider.find_auth(), resources.access())
    check_address(st.get_option("server.address"), open_to_all=provider.is_on() or settings.allow_anonymous)
except InvalidSettings as error:
    sys.exit(str(error))

own = provider.find_own_url()
hosts = find_hosts(settings.hosts, own.hostname or "", allow_anonymous=settings.allow_anonymous)
rest = ApiGuard(resources.prediction_service().rest_app, ApiRules(settings.calls_per_minute, find_objection))
app = st.App(
    Path(__file__).parent / "lib/ui/main.py",
    routes=[*ROUTES, Mount("/v1", rest), Mount("/v1beta1", rest)],
    middleware=[
        Middleware(SecurityHeaders),
        Middleware(HostGuard, hosts=hosts),
        Middleware(ComeBack, secure=own.scheme == "https"),
        Middleware(RuntimeGuard),
    ],
    lifespan=lifespan,
)
