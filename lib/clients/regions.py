"""Where Google answers: the regions of each service, and their addresses."""

AUTOML_ADDRESSES = {"us-central1": "automl.googleapis.com", "eu": "eu-automl.googleapis.com"}
"""AutoML has two regions, and the client does not choose the address by itself.

Source: AutoML Vision documentation, "Using regional endpoints".
"""

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


def vertex_address(region: str) -> str:
    """Where Vertex AI answers for a region."""
    return f"https://{region}-aiplatform.googleapis.com"
