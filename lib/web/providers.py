"""The providers of this server, and what they report about projects, versions and evaluations, cached."""

import os
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import streamlit as st

from lib.domain.jobs import JobRecord
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
from lib.workflows.jobs import Job
from lib.workflows.observed_client import ObservedClient
from lib.workflows.predict import continue_predictions, read_versions
from lib.workflows.prediction_context import PredictionContext

_CALLS_IN_FLIGHT = 16
_CHECKS_WAITED_FOR_S = 1.5


@st.cache_resource(show_spinner=False)
def clients() -> dict[str, Provider]:
    """Return the providers by name, the default first. None is connected to before its first call."""
    providers: list[Provider] = [
        AutomlClient(built_in_server(resources.grpc_address()), _timeouts()),
        _automl_client(),
        _vertex_client(),
    ]
    return {provider.name: provider for provider in providers}


def _automl_client() -> AutomlClient:
    endpoint = resources.settings().automl_endpoint
    if endpoint:
        return AutomlClient(other_server(endpoint, fixed_projects(resources.settings().projects)), _timeouts())
    return AutomlClient(google_server(identity(), _projects()), _timeouts())


def _vertex_client() -> VertexClient:
    endpoint = resources.settings().vertex_endpoint
    if endpoint:
        return VertexClient(
            NoCredentials(), fixed_projects(resources.settings().projects), lambda _: endpoint, _timeouts()
        )
    return VertexClient(identity(), _projects(), vertex_url, _timeouts())


def _timeouts() -> Timeouts:
    return Timeouts(resources.settings().call_timeout_s, resources.settings().retry_for_s)


def _projects() -> Projects:
    fixed = resources.settings().projects
    return fixed_projects(fixed) if fixed else visible_projects(identity())


@st.cache_resource(show_spinner=False)
def identity() -> Identity:
    """Return the credentials for Google: the service account in the secrets, or Application Default Credentials."""
    return Identity(find_section("gcp_service_account") or None, resources.settings().impersonate)


@st.cache_resource(show_spinner="Listing projects …", ttl=300)
def projects_of(provider: str) -> list[str]:
    """Return the projects of a provider. Raises ServiceError and its kinds, which are not cached."""
    return clients()[provider].find_projects()


def find_location(version: ModelVersion) -> tuple[str | None, str | None]:
    """Return project and region of a version; None for one that its stored name lacks or that is not allowed."""
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
    """Return what a provider reports about its versions, for 30 s or until `standing` changes.

    Raises ServiceError and its kinds, which are not cached.
    """
    return clients()[provider].find_versions(project, region)


def standing_of(provider: str) -> Hashable:
    """Return a value that changes with the versions of the built-in service; waits briefly while models are checked."""
    if provider != BUILT_IN:
        return ()
    resources.grpc_address()  # starts the checks
    resources.prediction_service().wait_for_checks(_CHECKS_WAITED_FOR_S)
    return resources.prediction_service().standing


def versions_of(provider: str, project: str, region: str) -> list[ModelVersion]:
    """Return all versions in a project and region. Raises ServiceError and its kinds."""
    return [served.version for served in served_versions(provider, project, region, standing_of(provider))]


@st.cache_resource(show_spinner=False, ttl=300)
def evaluations_of(version: ModelVersion) -> list[Evaluation]:
    """Return the evaluations of a version's training. Raises ServiceError and its kinds, which are not cached."""
    return clients()[version.provider].find_evaluations(version)


@st.cache_resource(show_spinner=False)
def prediction_context(provider: str) -> PredictionContext:
    """Return what predicting with this provider needs: client, store, limits and workers."""
    return PredictionContext(
        client=ObservedClient(clients()[provider]),
        store=resources.store(),
        jobs=resources.jobs(),
        limits=replace(resources.LIMITS, sent_bytes=clients()[provider].sent_bytes),
        preparing=ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="prepare"),
        predicting=ThreadPoolExecutor(_CALLS_IN_FLIGHT, thread_name_prefix="predict"),
        images=resources.image_workers(),
    )


def continue_job(record: JobRecord) -> Job[None]:
    """Continue predictions that another process began, with the provider of their versions."""
    return continue_predictions(prediction_context(read_versions(record)[0].provider), record)
