// Photos of a feed from Postgres at every request, as a site owner would write it by hand, over all cores.
//
//   node server.mjs http|fastify|uws pg|postgres PORT WORKERS DATABASE_URL
//
// `uws` is µWebSockets.js in a build that npm's registry carries; its own is only on GitHub.
import cluster from 'node:cluster';
import * as databases from './databases.mjs';
import * as frameworks from './frameworks.mjs';
import { photosReader } from './photos.mjs';

const [framework, driver, portText, workersText, url] = process.argv.slice(2);

if (cluster.isPrimary) {
  for (let number = 0; number < Number(workersText); number += 1) cluster.fork();
  // A worker that cannot work ends the whole measurement, and does not leave a half as fast one.
  cluster.on('exit', () => process.exit(1));
  process.on('SIGTERM', () => process.exit(0));
} else {
  const readPhotos = photosReader(databases[driver](url));
  await frameworks[framework](Number(portText), readPhotos);
}
