"""The services that can be asked, and what they tell of their versions."""

import os
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import streamlit as st

from lib.domain.models import Evaluation, ServedVersion
from lib.domain.predictions import ModelVersion
from lib.errors import InvalidName
from lib.providers.automl import AutomlClient
from lib.providers.automl_servers import BUILT_IN, built_in_server, google_server, other_server
from lib.providers.base import Provider
from lib.providers.credentials import Identity, NoCredentials
from lib.providers.guarded_requests import vertex_url
from lib.providers.projects import Projects, fixed_projects, visible_projects
from lib.providers.resource_names import ResourceName
from lib.providers.retries import Timeouts
from lib.providers.vertex import VertexClient
from lib.web import resources
from lib.web.sign_in import find_section
from lib.workflows.prediction_run import PredictionContext

_CALLS_IN_FLIGHT = 16
_CHECKS_WAITED_FOR_S = 1.5


@st.cache_resource(show_spinner=False)
def clients() -> dict[str, Provider]:
    """The services that can be asked, by name; the usual one first. None is connected to before it is asked."""
    providers: list[Provider] = [
        AutomlClient(built_in_server(resources.grpc_address()), _patience()),
        _automl_client(),
        _vertex_client(),
    ]
    return {provider.name: provider for provider in providers}


def _automl_client() -> AutomlClient:
    endpoint = resources.settings().automl_endpoint
    if endpoint:
        return AutomlClient(other_server(endpoint, fixed_projects(resources.settings().projects)), _patience())
    return AutomlClient(google_server(identity(), _projects()), _patience())


def _vertex_client() -> VertexClient:
    endpoint = resources.settings().vertex_endpoint
    if endpoint:
        return VertexClient(
            NoCredentials(), fixed_projects(resources.settings().projects), lambda _: endpoint, _patience()
        )
    return VertexClient(identity(), _projects(), vertex_url, _patience())


def _patience() -> Timeouts:
    return Timeouts(resources.settings().answer_within_s, resources.settings().retry_for_s)


def _projects() -> Projects:
    fixed = resources.settings().projects
    return fixed_projects(fixed) if fixed else visible_projects(identity())


@st.cache_resource(show_spinner=False)
def identity() -> Identity:
    """Who asks Google: the service account of the secrets, or Application Default Credentials."""
    return Identity(find_section("gcp_service_account") or None, resources.settings().impersonate)


@st.cache_resource(show_spinner="Looking for projects …", ttl=300)
def projects_of(provider: str) -> list[str]:
    """Projects of a service that can be chosen. Raises ServiceError and its kinds, which are not cached."""
    return clients()[provider].find_projects()


def find_place(version: ModelVersion) -> tuple[str | None, str | None]:
    """Project and region of a version; None for what its stored name does not say, or what may not be asked about."""
    client = clients().get(version.provider)
    if client is None:
        return None, None
    try:
        location = ResourceName.parse(version.model_name, "models").location
        region = location.region if location.region in client.find_regions() else None
    except InvalidName:
        return None, None
    try:
        client.check_project(location.project)
    except InvalidName:
        return None, region
    return location.project, region


@st.cache_resource(show_spinner=False, ttl=30)
def served_versions(
    provider: str,
    project: str,
    region: str,
    standing: Hashable = (),  # noqa: ARG001
) -> list[ServedVersion]:
    """All that a service tells of its versions; `standing` says when to ask again.

    Raises ServiceError and its kinds, which are not cached.
    """
    return clients()[provider].find_versions(project, region)


def standing_of(provider: str) -> Hashable:
    """Changes whenever the built-in service serves other versions. Models new to it have a moment to be checked."""
    if provider != BUILT_IN:
        return ()
    resources.grpc_address()  # which starts the checks
    resources.prediction_service().wait_for_checks(_CHECKS_WAITED_FOR_S)
    return resources.prediction_service().standing


def versions_of(provider: str, project: str, region: str) -> list[ModelVersion]:
    """All versions there are to choose from. Raises ServiceError and its kinds."""
    return [served.version for served in served_versions(provider, project, region, standing_of(provider))]


@st.cache_resource(show_spinner=False, ttl=300)
def evaluations_of(version: ModelVersion) -> list[Evaluation]:
    """What training found of a version. Raises ServiceError and its kinds, which are not cached."""
    return clients()[version.provider].find_evaluations(version)


@st.cache_resource(show_spinner=False)
def desk(provider: str) -> PredictionContext:
    """What predicting with this service needs."""
    return PredictionContext(
        client=clients()[provider],
        store=resources.store(),
        limits=replace(resources.LIMITS, sent_bytes=clients()[provider].sent_bytes),
        preparing=ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="prepare"),
        asking=ThreadPoolExecutor(_CALLS_IN_FLIGHT, thread_name_prefix="ask"),
        images=resources.image_workers(),
    )
