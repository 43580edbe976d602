"""The app's script with a clock around it."""

import runpy
import time

import streamlit as st

from lib.settings import ROOT

start = time.perf_counter()
runpy.run_path(str(ROOT / "lib/ui/main.py"))
st.session_state["script_ms"] = (time.perf_counter() - start) * 1000
