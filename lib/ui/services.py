"""The services that can be asked, and what they tell of their versions."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import streamlit as st

from lib.clients.automl import AutomlClient
from lib.clients.automl_servers import built_in_server, google_server, other_server
from lib.clients.base import Service
from lib.clients.credentials import Identity, Nobody
from lib.clients.patience import Patience
from lib.clients.projects import FindProjects, fixed_projects, visible_projects
from lib.clients.regions import vertex_address
from lib.clients.vertex import VertexClient
from lib.domain.evaluation import Evaluation
from lib.domain.prediction import ModelVersion
from lib.domain.served_version import ServedVersion
from lib.ui import resources
from lib.ui.secrets_file import find_section
from lib.workflows.prediction_run import Desk

_CALLS_IN_FLIGHT = 16


@st.cache_resource(show_spinner=False)
def clients() -> dict[str, Service]:
    """The services that can be asked, by name; the usual one first. None is connected to before it is asked."""
    services: list[Service] = [
        AutomlClient(built_in_server(f"127.0.0.1:{resources.grpc_port()}"), _patience()),
        _automl_client(),
        _vertex_client(),
    ]
    return {service.name: service for service in services}


def _automl_client() -> AutomlClient:
    endpoint = resources.settings().automl_endpoint
    if endpoint:
        return AutomlClient(other_server(endpoint, fixed_projects(resources.settings().projects)), _patience())
    return AutomlClient(google_server(identity(), _find_projects()), _patience())


def _vertex_client() -> VertexClient:
    endpoint = resources.settings().vertex_endpoint
    if endpoint:
        return VertexClient(Nobody(), fixed_projects(resources.settings().projects), lambda _: endpoint, _patience())
    return VertexClient(identity(), _find_projects(), vertex_address, _patience())


def _patience() -> Patience:
    return Patience(resources.settings().answer_within_s, resources.settings().retry_for_s)


def _find_projects() -> FindProjects:
    fixed = resources.settings().projects
    return fixed_projects(fixed) if fixed else visible_projects(identity())


@st.cache_resource(show_spinner=False)
def identity() -> Identity:
    """Who asks Google: the service account of the secrets, or Application Default Credentials."""
    return Identity(find_section("gcp_service_account") or None, resources.settings().impersonate)


@st.cache_resource(show_spinner="Looking for projects …", ttl=300)
def projects_of(service: str) -> list[str]:
    """Projects of a service that can be chosen. Raises ServiceError and its kinds, which are not cached."""
    return clients()[service].find_projects()


@st.cache_resource(show_spinner=False, ttl=30)
def served_versions(service: str, project: str, region: str) -> list[ServedVersion]:
    """All that a service tells of its versions. Raises ServiceError and its kinds, which are not cached."""
    return clients()[service].find_versions(project, region)


def versions_of(service: str, project: str, region: str) -> list[ModelVersion]:
    """All versions there are to choose from. Raises ServiceError and its kinds."""
    return [served.version for served in served_versions(service, project, region)]


@st.cache_resource(show_spinner=False, ttl=300)
def evaluations_of(version: ModelVersion) -> list[Evaluation]:
    """What training found of a version. Raises ServiceError and its kinds, which are not cached."""
    return clients()[version.service].find_evaluations(version)


@st.cache_resource(show_spinner=False)
def desk(service: str) -> Desk:
    """What predicting with this service needs."""
    return Desk(
        client=clients()[service],
        store=resources.store(),
        limits=replace(resources.LIMITS, sent_bytes=clients()[service].sent_bytes),
        preparing=ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="prepare"),
        asking=ThreadPoolExecutor(_CALLS_IN_FLIGHT, thread_name_prefix="ask"),
        images=resources.image_workers(),
    )
