"""dlt's `rest_api` source, declared as its documentation does, merged by the record's key into DuckDB.
Arguments: base URL, from, to, output."""
import sys

import dlt
from dlt.sources.rest_api import rest_api_source

url, start, end, output = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
source = rest_api_source({
    "client": {"base_url": url},
    "resources": [{
        "name": "calls",
        "primary_key": "cmiuid",
        "write_disposition": "merge",
        "endpoint": {
            "path": "v2/user/out_missed",
            "method": "POST",
            "json": {"token": "peer", "from": start, "to": end, "limit": 10},
            "data_selector": "cdr",
            "paginator": {
                "type": "page_number", "base_page": 1, "page_body_path": "page", "total_path": None,
            },
        },
    }],
})
pipeline = dlt.pipeline(
    "peer", pipelines_dir=output + ".dlt", destination=dlt.destinations.duckdb(output),
    dataset_name="peer")
pipeline.run(source)
