// A page of a feed in the shape that Vitrine answers, with three queries on two round trips.
import { createHash } from 'node:crypto';

const FEED = `
  select feed.id, feed.name, feed.content_changed_at, feed.item_limit, feed.media_types, feed.tenant_id
  from bench_peer_key site join feed on feed.tenant_id = site.tenant_id
  where site.hash = $1 and feed.id = $2`;
const ACCOUNTS = `
  select account.username, account.name, account.profile_picture_url, account.followers_count, account.media_count
  from feed_account shown
  join account on account.id = shown.account_id and account.tenant_id = shown.tenant_id
  where shown.feed_id = $1 and shown.tenant_id = $2 order by account.id`;
const POSTS = `
  select media.id, media.media_type, media.caption, media.alt_text, media.permalink, media.posted_at, media.username,
    media.media_url, media.thumbnail_url, media.children, media.like_count, media.comments_count
  from media
  where media.tenant_id = $2
    and media.account_id in (select account_id from feed_account where feed_id = $1)
    and media.hidden_upstream_at is null
    and (media.media_url is not null or media.thumbnail_url is not null)
    and media.media_type = any($4)
    and not exists (select from feed_item where feed_id = $1 and media_id = media.id and hidden)
  order by media.posted_at desc, media.id desc limit $3`;

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '\n': '<br>' };
const escaped = (text) => text.replace(/[&<>"'\n]/g, (character) => ESCAPES[character]);
const link = (href, text) =>
  `<a href="${escaped(href)}" rel="nofollow noopener noreferrer" target="_blank">${escaped(text)}</a>`;
const TOKEN = /#([\p{L}\p{M}\p{N}_]+)|@([A-Za-z0-9._]+)|(https?:\/\/[^\s<>"]+)/gu;

function parsed(caption) {
  const [hashtags, mentions] = [new Set(), new Set()];
  let html = '';
  let done = 0;
  for (const found of caption.matchAll(TOKEN)) {
    html += escaped(caption.slice(done, found.index));
    done = found.index + found[0].length;
    const [whole, tag, name] = found;
    if (tag) {
      hashtags.add(tag);
      html += link(`https://www.instagram.com/explore/tags/${encodeURIComponent(tag)}/`, whole);
    } else if (name) {
      mentions.add(name);
      html += link(`https://www.instagram.com/${name}/`, whole);
    } else {
      html += link(whole, whole);
    }
  }
  html += escaped(caption.slice(done));
  return { hashtags: [...hashtags], mentions: [...mentions], html };
}

function image(row) {
  const url = row.media_type === 'VIDEO' ? row.thumbnail_url : (row.media_url ?? row.thumbnail_url);
  const size = { url: url ?? null, width: null, height: null };
  return { src: size.url, sizes: { small: size, medium: size, large: size, original: size } };
}

const video = (row) => (row.media_type === 'VIDEO' && row.media_url ? { src: row.media_url } : null);
const number = (value) => (value === null ? null : Number(value));

const child = (row) => ({
  id: row.platform_media_id,
  type: row.media_type,
  alt_text: row.alt_text,
  permalink: row.permalink,
  image: image(row),
  video: video(row),
});

function photo(row) {
  const caption = row.caption === null ? null : parsed(row.caption);
  return {
    id: row.id,
    type: row.media_type,
    caption: row.caption,
    caption_html: caption?.html ?? null,
    hashtags: caption?.hashtags ?? [],
    mentions: caption?.mentions ?? [],
    alt_text: row.alt_text,
    permalink: row.permalink,
    timestamp: row.posted_at,
    username: row.username,
    width: null,
    height: null,
    colors: null,
    blurhash: null,
    image: image(row),
    video: video(row),
    children: row.children.map(child),
    like_count: number(row.like_count),
    comments_count: number(row.comments_count),
    pinned: false,
  };
}

const profile = (row) => ({
  ...row,
  followers_count: number(row.followers_count),
  media_count: number(row.media_count),
});

// `prepare(name, text)` gives a query. The reader gives the text of a page, or nothing for a stranger.
export function photosReader(prepare) {
  const [feedOf, accountsOf, postsOf] = [prepare('feed', FEED), prepare('accounts', ACCOUNTS), prepare('posts', POSTS)];
  return async (id, key, limit) => {
    const hash = createHash('sha256').update(key ?? '').digest('hex');
    const [feed] = await feedOf(hash, id);
    if (!feed) return undefined;
    const wanted = Math.min(limit, feed.item_limit);
    const [accounts, posts] = await Promise.all([
      accountsOf(feed.id, feed.tenant_id),
      postsOf(feed.id, feed.tenant_id, wanted + 1, feed.media_types),
    ]);
    const data = posts.slice(0, wanted).map(photo);
    const more = posts.length > wanted && wanted < feed.item_limit;
    const next_cursor = more ? Buffer.from(`${data.at(-1).timestamp.toISOString()} ${data.at(-1).id}`).toString('base64url') : null;
    return JSON.stringify({
      feed: { id: feed.id, name: feed.name, updated_at: feed.content_changed_at },
      profile: accounts.length > 0 ? profile(accounts[0]) : null,
      data,
      page: { next_cursor, limit },
    });
  };
}
