// Reads a feed with feedsmith, page after page to its end, and prints what feedsmith made of it.
//   node feedsmith.mjs ADDRESS
import { parseFeed } from 'feedsmith'

const linked = (links, rel) => links?.find((link) => link.rel === rel)?.href

const readers = {
  json: (feed) => ({
    self: feed.feed_url,
    next: feed.next_url,
    title: feed.title,
    items: (feed.items ?? []).map((item) => ({
      id: item.id,
      title: item.title,
      html: item.content_html,
      files: (item.attachments ?? []).map(({ url, mime_type }) => ({ url, type: mime_type })),
      tags: item.tags ?? [],
      posted: item.date_published,
    })),
  }),
  rss: (feed) => ({
    self: linked(feed.atom?.links, 'self'),
    next: linked(feed.atom?.links, 'next'),
    title: feed.title,
    items: (feed.items ?? []).map((item) => ({
      id: item.guid.value,
      title: item.title,
      html: item.content.encoded,
      files: (item.media?.contents ?? []).map(({ url, type }) => ({ url, type })),
      enclosure: item.enclosures?.[0]?.url,
      tags: (item.categories ?? []).map((category) => category.name),
      posted: item.pubDate,
    })),
  }),
  atom: (feed) => ({
    self: linked(feed.links, 'self'),
    next: linked(feed.links, 'next'),
    title: feed.title.value,
    items: (feed.entries ?? []).map((entry) => ({
      id: entry.id,
      title: entry.title.value,
      html: entry.content.value,
      files: (entry.links ?? [])
        .filter((link) => link.rel === 'enclosure')
        .map(({ href, type }) => ({ url: href, type })),
      tags: (entry.categories ?? []).map((category) => category.term),
      posted: entry.published,
    })),
  }),
}

const pages = []
for (let address = process.argv[2]; address; address = pages.at(-1).next) {
  const response = await fetch(address)
  if (response.status !== 200) throw new Error(`${response.status} from ${address}`)
  const { format, feed } = parseFeed(await response.text())
  pages.push({ address, format, type: response.headers.get('content-type'), ...readers[format](feed) })
  if (pages.length > 100) throw new Error('the pages do not end')
}
console.log(JSON.stringify(pages))
