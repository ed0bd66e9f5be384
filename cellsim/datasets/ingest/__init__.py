"""Real annotated images become a data set of the same format."""

from cellsim.datasets.ingest.ingesting import Ingested as Ingested
from cellsim.datasets.ingest.ingesting import ingest as ingest
from cellsim.datasets.ingest.options import IngestOptions as IngestOptions
