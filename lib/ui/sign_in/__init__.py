"""Signing in with an OpenID provider, where `[auth]` of Streamlit's secrets names one."""
