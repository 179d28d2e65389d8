"""Reads an RSS or Atom feed with feedparser, page after page to its end, and prints what feedparser made of it.

python read_with_feedparser.py ADDRESS
"""

import json
import sys

import feedparser


def linked(links, rel):
    return next((link["href"] for link in links if link.get("rel") == rel), None)


def item(entry):
    files = [link for link in entry.links if link.get("rel") == "enclosure"]
    content = entry.get("content", [{"value": entry.get("summary")}])
    return {
        "id": entry.id,
        "title": entry.title,
        "html": content[0]["value"],
        "files": [{"url": file["href"], "type": file["type"]} for file in files],
        "tags": [tag["term"] for tag in entry.get("tags", [])],
        "thumbnail": next((thumbnail["url"] for thumbnail in entry.get("media_thumbnail", [])), None),
        "dated": entry.get("published_parsed") is not None,
    }


def page(address):
    read = feedparser.parse(address)
    if read.bozo:
        raise SystemExit(f"{address} is not well-formed: {read.bozo_exception!r}")
    return {
        "status": read.status,
        "format": read.version,
        "self": linked(read.feed.links, "self"),
        "next": linked(read.feed.links, "next"),
        "title": read.feed.title,
        "items": [item(entry) for entry in read.entries],
    }


pages = [page(sys.argv[1])]
while pages[-1]["next"]:
    pages.append(page(pages[-1]["next"]))
    if len(pages) > 100:
        raise SystemExit("the pages do not end")
print(json.dumps(pages))
