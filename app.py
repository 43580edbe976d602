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
from lib.serving.automl.api_guard import ApiGuard, ApiRules
from lib.web import resources, sign_in
from lib.web.api_callers import identify_caller, record_change
from lib.web.base_path import PathGuard, Rebased
from lib.web.garbage_collection import set_aside
from lib.web.old_addresses import OldAddresses
from lib.web.proxies import ProxyHeaders
from lib.web.request_guards import HostGuard, OriginGuard, SignOutGuard, WayOut
from lib.web.return_to import ReturnToMiddleware
from lib.web.routes import Sources, make_routes
from lib.web.runtime_guard import Doors, RuntimeGuard
from lib.web.security_headers import SecurityHeaders
from lib.web.sign_in import find_caller, record_upload_refused, sign_out_caller
from lib.web.socket_limits import SocketLimits
from lib.web.startup_checks import check_address, check_sign_in, find_hosts
from lib.web.streamlit_internals import restrain_server
from lib.web.warm_up import import_late


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Have the built-in prediction service listening before the first page is asked for, and old sessions deleted.

    All that pages import is imported by then: several people may open the first ones at once.
    """
    restrain_server()
    import_late()
    set_aside()
    resources.garbage().start()
    resources.grpc_address()
    if settings.grpc_port:
        # For programs of this machine, which may then what their tokens may.
        resources.prediction_service().start_grpc(f"127.0.0.1:{settings.grpc_port}", rules)
    retention = resources.start_retention()
    yield
    if retention:
        retention.stop()
    resources.garbage().stop()
    resources.prediction_service().stop()
    resources.image_workers().close()


try:
    settings, base = resources.settings(), resources.base_path()
    if sign_in.is_on():
        check_sign_in(sign_in.find_auth(), resources.access(), base)
    check_address(st.get_option("server.address"), open_to_all=sign_in.is_on() or settings.allow_anonymous)
except InvalidSettings as error:
    sys.exit(str(error))

own = sign_in.find_own_url()
hosts = find_hosts(settings.hosts, own.hostname or "", allow_anonymous=settings.allow_anonymous)
rules = ApiRules(settings.calls_per_minute, identify_caller, record_change)
rest = ApiGuard(resources.prediction_service().rest_app, rules)
doors = Doors(base, find_caller, resources.upload_limits(), record_upload_refused)
sources = Sources(resources.store, resources.exports, find_caller, resources.find_sample)
app = st.App(
    Path(__file__).parent / "lib/ui/main.py",
    routes=[
        *make_routes(base, sources),
        *(Mount(base.join(version), Rebased(rest, base)) for version in ("/v1", "/v1beta1")),
    ],
    # The first sees a call first. Who calls, by which name and path, and from which site is settled before all else.
    middleware=[
        Middleware(ProxyHeaders, proxies=settings.proxies),
        Middleware(SecurityHeaders, secure=own.scheme == "https"),
        Middleware(PathGuard),
        Middleware(HostGuard, hosts=hosts, base=base),
        Middleware(OriginGuard, own=own),
        Middleware(OldAddresses, base=base),
        Middleware(SocketLimits, find_person=find_caller),
        Middleware(ReturnToMiddleware, base=base),
        Middleware(SignOutGuard, way_out=WayOut(base, own, sign_out_caller)),
        Middleware(RuntimeGuard, doors=doors),
    ],
    lifespan=lifespan,
)
