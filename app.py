"""The web server: pages for people, the AutoML REST API for programs and a health check, on one port.

Start it with `make run`, or `streamlit run app.py`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount

from lib.ui import resources
from lib.ui.routes import ROUTES
from lib.ui.security_headers import SecurityHeaders


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Have the built-in prediction service listening before the first page is asked for."""
    resources.grpc_port()
    yield
    resources.prediction_service().stop()


rest = resources.prediction_service().rest_app
app = st.App(
    Path(__file__).parent / "lib/ui/main.py",
    routes=[*ROUTES, Mount("/v1", rest), Mount("/v1beta1", rest)],
    middleware=[Middleware(SecurityHeaders)],
    lifespan=lifespan,
)
