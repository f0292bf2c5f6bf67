"""dlt's `rest_api` source, declared as its documentation does, merged by the record's key into DuckDB.
Arguments: base URL, from, to, output, how pages follow each other and, to tell it more than that,
`more`."""
import sys

import dlt
from dlt.sources.helpers.requests import Client
from dlt.sources.rest_api import rest_api_source

url, start, end, output, paging, *more = sys.argv[1:]
window = {"from": int(start), "to": int(end), "limit": 10}
offset = {"type": "offset", "limit": 10, "total_path": "total"}
if more:
    offset["stop_after_empty_page"] = False
PAGINATORS = {
    "page": {"type": "page_number", "base_page": 1, "page_body_path": "page", "total_path": None},
    "offset": offset,
    "next": {"type": "json_link", "next_url_path": "next_url"},
    "cursor": {"type": "cursor", "cursor_path": "cursors.next", "cursor_param": "cursor"},
}


def should_retry(response, _exception):
    """An answer that is no JSON, or says that it is an error."""
    try:
        return response is not None and "error" in response.json()
    except ValueError:
        return True


client = {"base_url": url}
endpoint = {"method": "GET", "params": window}
if paging == "page":
    key, endpoint = "cmiuid", {"method": "POST", "json": {"token": "peer", **window}}
else:
    key = "id"
    client["auth"] = {"type": "api_key", "name": "X-Api-Key", "api_key": "peer", "location": "header"}
if more:
    client["session"] = Client(raise_for_status=False, retry_condition=should_retry).session
source = rest_api_source({
    "client": client,
    "resources": [{
        "name": "calls",
        "primary_key": key,
        "write_disposition": "merge",
        "endpoint": {
            **endpoint,
            "path": "v2/user/out_missed" if paging == "page" else f"peers.{paging}/calls",
            "data_selector": "cdr" if paging == "page" else "calls",
            "paginator": PAGINATORS[paging],
        },
    }],
})
pipeline = dlt.pipeline(
    "peer", pipelines_dir=output + ".dlt", destination=dlt.destinations.duckdb(output),
    dataset_name="peer")
pipeline.run(source)
