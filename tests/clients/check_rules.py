"""Checks a document against what RFC 4287 (Atom) and the specification of RSS 2.0 demand.

Exits with the broken rules, one a line: python check_rules.py ADDRESS
"""

import datetime
import email.utils
import sys
import urllib.parse
import urllib.request
import xml.etree.ElementTree as tree

ATOM = "{http://www.w3.org/2005/Atom}"
broken = []


def demand(holds, rule):
    if not holds:
        broken.append(rule)


def is_address(text):
    """RFC 3986: absolute, and without characters that would have to be escaped."""
    parts = urllib.parse.urlsplit(text or "")
    return bool(parts.scheme) and text.isascii() and not set(text) & set(' <>"\\^`{|}')


def count(element, names, least, most, where):
    for name in names:
        found = len(element.findall(name))
        demand(least <= found <= most, f"{where}: {found} of {name}")


def only(element, known, where):
    """Elements of the vocabulary itself; those of others may stand anywhere."""
    own = element.tag[: element.tag.find("}") + 1]
    for child in element:
        foreign = child.tag[: child.tag.find("}") + 1] != own
        demand(foreign or child.tag in known, f"{where}: {child.tag} is unknown")


def atom_link(link, where):
    demand(is_address(link.get("href")), f"{where}: link to {link.get('href')!r}")
    demand(link.get("type", "a/b").count("/") == 1, f"{where}: link of type {link.get('type')!r}")


def atom_common(element, where):
    count(element, [ATOM + name for name in ("id", "title", "updated")], 1, 1, where)
    demand(is_address(element.findtext(ATOM + "id")), f"{where}: id is no IRI")
    for name in ("updated", "published"):
        for date in element.findall(ATOM + name):
            demand(datetime.datetime.fromisoformat(date.text).tzinfo, f"{where}: {name} {date.text}")
    for link in element.findall(ATOM + "link"):
        atom_link(link, where)
    alternates = [(link.get("type"), link.get("hreflang")) for link in element.findall(ATOM + "link")
                  if link.get("rel", "alternate") == "alternate"]
    demand(len(alternates) == len(set(alternates)), f"{where}: two alternates of a kind")
    for author in element.findall(ATOM + "author"):
        demand(author.findtext(ATOM + "name"), f"{where}: an author without a name")
        demand(all(is_address(uri.text) for uri in author.findall(ATOM + "uri")), f"{where}: an author's uri")
    for category in element.findall(ATOM + "category"):
        demand(category.get("term"), f"{where}: a category without a term")
    return alternates


def atom(feed):
    known = {ATOM + name for name in ("author category contributor generator icon id link logo rights subtitle "
                                      "title updated entry").split()}
    only(feed, known, "feed")
    atom_common(feed, "feed")
    count(feed, [ATOM + name for name in ("generator", "icon", "logo", "rights", "subtitle")], 0, 1, "feed")
    demand([link for link in feed.findall(ATOM + "link") if link.get("rel") == "self"], "feed: no link to itself")
    entries = feed.findall(ATOM + "entry")
    for entry in entries:
        where = entry.findtext(ATOM + "id") or "entry"
        only(entry, {ATOM + name for name in ("author category content contributor id link published rights source "
                                              "summary title updated").split()}, where)
        alternates = atom_common(entry, where)
        count(entry, [ATOM + name for name in ("content", "published", "rights", "source", "summary")], 0, 1, where)
        demand(alternates or entry.find(ATOM + "content") is not None, f"{where}: neither content nor alternate")
        demand((feed.find(ATOM + "author") is not None) or (entry.find(ATOM + "author") is not None),
               f"{where}: nobody wrote it")
    ids = [entry.findtext(ATOM + "id") for entry in entries]
    demand(len(ids) == len(set(ids)), "feed: two entries with one id")


def rss_date(element, where):
    if element is not None:
        date = email.utils.parsedate_to_datetime(element.text)
        demand(date.tzinfo, f"{where}: {element.text}")


def rss(document):
    demand(document.get("version") == "2.0", "rss: version")
    channel = document.find("channel")
    only(channel, set("title link description language copyright managingEditor webMaster pubDate lastBuildDate "
                      "category generator docs cloud ttl image rating textInput skipHours skipDays item".split()),
         "channel")
    count(channel, ("title", "link", "description"), 1, 1, "channel")
    count(channel, ("pubDate", "lastBuildDate", "generator", "docs", "ttl", "image"), 0, 1, "channel")
    demand(is_address(channel.findtext("link")), "channel: link")
    demand(channel.findtext("ttl", "1").isdigit(), "channel: ttl")
    rss_date(channel.find("lastBuildDate"), "channel")
    selves = [link for link in channel.findall(ATOM + "link") if link.get("rel") == "self"]
    demand(len(selves) == 1, "channel: no link to itself")
    for link in channel.findall(ATOM + "link"):
        atom_link(link, "channel")
    for image in channel.findall("image"):
        count(image, ("url", "title", "link"), 1, 1, "image")
    for item in channel.findall("item"):
        where = item.findtext("guid") or "item"
        only(item, set("title link description author category comments enclosure guid pubDate source".split()), where)
        count(item, ("title", "link", "description", "enclosure", "guid", "pubDate"), 0, 1, where)
        demand(item.findtext("title") or item.findtext("description"), f"{where}: neither title nor description")
        demand(is_address(item.findtext("link", "urn:none")), f"{where}: link")
        rss_date(item.find("pubDate"), where)
        guid = item.find("guid")
        demand(guid.get("isPermaLink") == "false" or guid.text.startswith("http"), f"{where}: guid")
        for file in item.findall("enclosure"):
            complete = is_address(file.get("url")) and file.get("length", "").isdigit() and "/" in file.get("type", "")
            demand(complete, f"{where}: enclosure {file.attrib}")
    guids = [item.findtext("guid") for item in channel.findall("item")]
    demand(len(guids) == len(set(guids)), "channel: two items with one guid")


with urllib.request.urlopen(sys.argv[1]) as answer:
    root = tree.fromstring(answer.read())
{ATOM + "feed": atom, "rss": rss}[root.tag](root)
sys.exit("\n".join(broken) or None)
