"""Where Google answers: the regions of each service, and the hosts that may be sent credentials."""

AUTOML_HOSTS = {"us-central1": "automl.googleapis.com", "eu": "eu-automl.googleapis.com"}
"""AutoML has two regions, and the client does not choose the host by itself.

Source: AutoML Vision documentation, "Using regional endpoints".
"""

RESOURCE_MANAGER_HOST = "cloudresourcemanager.googleapis.com"

# Source: Vertex AI documentation, "Vertex AI locations", AutoML image; the usual one first.
VERTEX_REGIONS = (
    "us-central1",
    "us-east1",
    "us-east4",
    "us-west1",
    "us-west2",
    "northamerica-northeast1",
    "europe-west1",
    "europe-west2",
    "europe-west3",
    "europe-west4",
    "europe-west6",
    "europe-west9",
    "asia-east1",
    "asia-east2",
    "asia-northeast1",
    "asia-northeast3",
    "asia-south1",
    "asia-southeast1",
    "australia-southeast1",
)
_VERTEX_HOSTS = {region: f"{region}-aiplatform.googleapis.com" for region in VERTEX_REGIONS}

OWN_REGION = "local"
"""A region of the built-in service and of servers of one's own, never of Google."""

REGIONS = frozenset({*AUTOML_HOSTS, *VERTEX_REGIONS, OWN_REGION})
"""Every region that a resource name may have."""

CREDENTIAL_HOSTS = frozenset({*AUTOML_HOSTS.values(), *_VERTEX_HOSTS.values(), RESOURCE_MANAGER_HOST})
"""The only hosts that are sent Google's credentials, over TLS on port 443."""


def vertex_url(region: str) -> str:
    """The URL at which Vertex AI answers for one of VERTEX_REGIONS. Raises KeyError for any other region."""
    return f"https://{_VERTEX_HOSTS[region]}"
