"""What generated requests cannot know by themselves."""

import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
import schemathesis


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """A key that came twice with different requests is refused, and rightly: each valid one becomes a new one."""
    key = (case.headers or {}).get("idempotency-key")
    if key is not None and 0 < len(key) <= 255 and all("!" <= letter <= "~" for letter in key):
        case.headers["idempotency-key"] = str(uuid.uuid4())


@schemathesis.check
def graph_asks_for_a_key(ctx, response, case):
    """What a key opens under /graph is shut without one, and with a wrong one, in Instagram's words."""
    if not case.operation.path.startswith("/graph") or response.status_code != 200:
        return
    sent = response.request
    parts = urlsplit(sent.url)
    query = [(name, value) for name, value in parse_qsl(parts.query, True) if name not in ("key", "access_token")]
    address = urlunsplit(parts._replace(query=urlencode(query)))
    for headers, code in [({}, 104), ({"X-Api-Key": "vt_pk_made-up"}, 190)]:
        answer = requests.request(sent.method, address, headers=headers, timeout=20)
        assert answer.status_code == 400, f"{answer.status_code}: {answer.text}"
        assert answer.json()["error"]["code"] == code, answer.text
