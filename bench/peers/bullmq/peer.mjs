// BullMQ under the measurements of `vitrine-bench peer`: the same orders, the same jobs, the same answers.
//
//   node peer.mjs drain|latency|push REDIS_URL PREFIX JOBS CONCURRENCY
//
// Prints one line of JSON. Set up as its documentation advises for throughput: one Worker with the concurrency,
// bulk adds, finished jobs removed at once.
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const [mode, url, prefix, jobsText, concurrencyText] = process.argv.slice(2);
const [jobs, concurrency] = [Number(jobsText), Number(concurrencyText)];
const PAYLOAD = 'x'.repeat(40);
const WARM_UP = 2_000;
const BULK = 500;

const connection = () => new Redis(url, { maxRetriesPerRequest: null });
const queue = new Queue('bench', { connection: connection(), prefix });
const options = { removeOnComplete: true, removeOnFail: true };

async function push(count) {
  for (let from = 0; from < count; from += BULK) {
    const some = Array.from({ length: Math.min(BULK, count - from) }, () => ({
      name: 'job',
      data: PAYLOAD,
      opts: options,
    }));
    await queue.addBulk(some);
  }
}

// Seconds until all of a backlog have been completed.
async function drain(count) {
  await push(count);
  const worker = new Worker('bench', async () => {}, { connection: connection(), prefix, concurrency, autorun: false });
  await worker.waitUntilReady();
  const began = performance.now();
  await new Promise((resolve, reject) => {
    let completed = 0;
    worker.on('completed', () => {
      completed += 1;
      if (completed === count) resolve();
    });
    worker.on('failed', (_, error) => reject(error));
    worker.run().catch(reject);
  });
  const seconds = (performance.now() - began) / 1_000;
  await worker.close();
  return seconds;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Milliseconds from the call that adds a job to its start, one job at a time on an idle worker.
async function latency(count) {
  let started = () => {};
  const worker = new Worker('bench', async () => started(), { connection: connection(), prefix, concurrency });
  await worker.waitUntilReady();
  const waits = [];
  for (let number = 0; number < count; number += 1) {
    await pause(5 + 10 * Math.random());
    const begun = new Promise((resolve) => {
      started = resolve;
    });
    const began = performance.now();
    await queue.add('job', PAYLOAD, options);
    await begun;
    waits.push(performance.now() - began);
  }
  await worker.close();
  return waits;
}

const answers = {
  drain: async () => {
    await drain(WARM_UP);
    return { seconds: await drain(jobs) };
  },
  latency: async () => {
    await latency(100);
    return { milliseconds: await latency(jobs) };
  },
  push: async () => {
    await push(jobs);
    return {};
  },
};
console.log(JSON.stringify(await answers[mode]()));
await queue.close();
process.exit(0);
