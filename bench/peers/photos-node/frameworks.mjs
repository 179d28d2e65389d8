// The same two routes on each framework: `read(feed, key, limit)` gives the JSON text, or nothing for a stranger.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const ADDRESS = '127.0.0.1';
const JSON_TYPE = 'application/json';
const DEFAULT_LIMIT = 25;
const PATH = /^\/v1\/feeds\/([^/]+)\/photos$/;

const limitOf = (text) => Math.min(Number(text) || DEFAULT_LIMIT, 100);

export function http(port, read) {
  const answer = (response, status, body) => {
    response.writeHead(status, { 'content-type': JSON_TYPE, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };
  const server = createServer(async (request, response) => {
    try {
      const url = new URL(request.url, 'http://localhost');
      const feed = PATH.exec(url.pathname)?.[1];
      const body = feed && (await read(feed, url.searchParams.get('key'), limitOf(url.searchParams.get('limit'))));
      answer(response, body ? 200 : 404, body || '{}');
    } catch {
      answer(response, 500, '{}');
    }
  });
  return new Promise((resolve) => server.listen(port, ADDRESS, resolve));
}

export async function fastify(port, read) {
  const { default: Fastify } = await import('fastify');
  const app = Fastify();
  app.get('/v1/feeds/:feed/photos', async (request, reply) => {
    const body = await read(request.params.feed, request.query.key, limitOf(request.query.limit));
    return reply.code(body ? 200 : 404).header('content-type', JSON_TYPE).send(body || '{}');
  });
  await app.listen({ port, host: ADDRESS });
}

export function uws(port, read) {
  const { App } = createRequire(import.meta.url)('@trufflesuite/uws-js-unofficial');
  const app = App().get('/v1/feeds/:feed/photos', (response, request) => {
    let gone = false;
    response.onAborted(() => {
      gone = true;
    });
    const send = (status, body) => {
      if (gone) return;
      response.cork(() => response.writeStatus(status).writeHeader('content-type', JSON_TYPE).end(body));
    };
    read(request.getParameter(0), request.getQuery('key'), limitOf(request.getQuery('limit'))).then(
      (body) => (body ? send('200 OK', body) : send('404 Not Found', '{}')),
      () => send('500 Internal Server Error', '{}'),
    );
  });
  return new Promise((resolve, reject) => {
    app.listen(ADDRESS, port, (socket) => (socket ? resolve() : reject(new Error('the port is taken'))));
  });
}
