"""The web server: pages for people, the AutoML REST API for programs and a health check, on one port.

Start it with `make run`, or `streamlit run app.py`.
"""

import streamlit as st

from lib.web.application import MAIN_SCRIPT, open_application

application = open_application()
# Streamlit finds the application by reading this file: the call of `st.App` must stand here.
app = st.App(
    MAIN_SCRIPT,
    routes=application.make_routes(),
    middleware=application.make_middleware(),
    lifespan=application.make_lifespan(),
)
