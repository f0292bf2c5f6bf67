"""The export that many write first: one loop over pages until the total is there or a page is empty,
retries for HTTP errors, and a CSV file. Arguments: base URL, from, to, output."""
import csv
import sys

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

url, start, end, output = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
session = requests.Session()
session.mount("http://", HTTPAdapter(max_retries=Retry(
    5, backoff_factor=0.1, status_forcelist=[429, 500, 502, 503, 504], allowed_methods=None)))
rows, page = [], 1
while True:
    response = session.post(f"{url}/v2/user/out_missed", timeout=20, json={
        "token": "peer", "from": start, "to": end, "page": page, "limit": 10})
    response.raise_for_status()
    answer = response.json()
    calls = answer.get("cdr", [])
    rows += calls
    if not calls or len(rows) >= answer["count"]:
        break
    page += 1
names = sorted({name for row in rows for name in row})
with open(output, "w", newline="") as file:
    writer = csv.DictWriter(file, names)
    writer.writeheader()
    writer.writerows(rows)
