/**
 * A job that is announced to a webhook that hangs, to one that is not: what deliveries cost. Each side has its own server, and they take turns
 * after a few jobs, because the difference is small.
 */
import { createServer } from 'node:http';
import { ask } from '../../support/api.mjs';
import { startServerWithStub } from '../../support/comfyui/jobs.mjs';
import { connectForJobs } from '../../support/comfyui/one-job.mjs';
import { closeAtEnd } from '../../support/process/closers.mjs';
import { ms } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';
import { alternate, median } from '../../support/table/statistics.mjs';

const EVENTS = ['GENERATION_STARTED', 'GENERATION_COMPLETED', 'GENERATION_FAILED', 'GENERATION_CANCELED'];
const CREATE = 'mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id } } }';
const JOBS = 10;
/** In a millisecond. */
const MICROSECONDS = 1_000;

export async function measure({ isQuick }) {
  const receiver = await startHangingReceiver();
  const sides = { ours: await startSide(), limit: await startSide() };
  const variables = { input: { url: receiver.url, events: EVENTS } };
  await ask(sides.ours.server.url, CREATE, { ...sides.ours.user, variables });
  const cpu = { ours: [], limit: [] };
  const both = Object.fromEntries(
    Object.entries(sides).map(([side, { jobs, server }]) => [
      side,
      async () => {
        const before = await server.call('cpu');
        const taken = [];
        for (let nth = 0; nth < JOBS; nth += 1) taken.push(await jobs.run());
        cpu[side].push(((await server.call('cpu')) - before) / MICROSECONDS / JOBS);
        return median(taken);
      },
    ]),
  );
  // The first jobs prepare statements and compile code.
  await alternate(both, 5);
  for (const taken of Object.values(cpu)) taken.length = 0;
  const measured = await alternate(both, isQuick ? 15 : 40);
  for (const { jobs, server, stub } of Object.values(sides)) {
    await jobs.dispose();
    await server.close();
    await stub.close();
  }
  await receiver.close();
  return [
    compare('one job with a webhook that hangs, to one without, p50', measured, ms, true),
    compare('… CPU time of the server for it', cpu, ms, true),
  ];
}

async function startSide() {
  const { stub, server, user } = await startServerWithStub(1, { WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8' });
  return { stub, server, jobs: connectForJobs(server.url, user.token), user };
}

async function startHangingReceiver() {
  const server = createServer(() => {});
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const close = closeAtEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}/hook`, close };
}
