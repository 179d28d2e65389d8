"""What generated requests cannot know by themselves."""

import uuid

import schemathesis


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """A key that came twice with different requests is refused, and rightly: each valid one becomes a new one."""
    key = (case.headers or {}).get("idempotency-key")
    if key is not None and 0 < len(key) <= 255 and all("!" <= letter <= "~" for letter in key):
        case.headers["idempotency-key"] = str(uuid.uuid4())
