/**
 * How long other clients wait while an attacker sends a hostile document repeatedly, one at a time, over every transport. Meanwhile a
 * neighbour requests `{ __typename }`; the limit is the same neighbour alone. Also sends documents just within the limits, and some of them
 * in every encoding of a request.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { signUp } from '../../support/api.mjs';
import { addResults, fillGallery } from '../../support/gallery.mjs';
import { BODIES, DOCUMENTS, text } from '../../support/hostile/documents.mjs';
import { FORMS, overEvents, overHttp, overSocket, PATHS, send } from '../../support/hostile/doors.mjs';
import { startServer } from '../../support/process/server.mjs';
import { ms } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';

/** A neighbour that waits longer is named. */
const MOST_MS = 250;
/** Documents that are expensive to parse, to validate, and to execute. */
const IN_EVERY_FORM = {
  '12 MB': 'x'.repeat(12 * 2 ** 20),
  '200,000 tokens': DOCUMENTS['200,000 tokens'],
  '29 doubling fragments': DOCUMENTS['29 doubling fragments'],
  'within: a page of 100, whole': DOCUMENTS['within: a page of 100, whole'],
};
const CHARSETS = ['utf-7', 'ibm037', 'utf-16le', 'x-unknown'];

export async function measure({ isQuick }) {
  const forMs = isQuick ? 100 : 750;
  const server = await startServer();
  const { url } = server;
  const neighbour = new Worker(new URL('../../support/hostile/neighbour.mjs', import.meta.url), { workerData: url });
  const { id, token } = await signUp(url, 'hostile@example.com');
  await fillGallery(server.database, id, 100);
  await addResults(server.database, id);

  /** Repeats the action while the neighbour sends its requests. @returns the longest that the neighbour waited, in ms */
  const beside = async (act, most = Number.POSITIVE_INFINITY) => {
    neighbour.postMessage('start');
    let count = 0;
    let answer;
    for (const start = performance.now(); performance.now() - start < forMs && count < most; count += 1)
      answer = await act();
    neighbour.postMessage('stop');
    const [slowest] = await once(neighbour, 'message');
    return { slowest, answer };
  };
  const alone = () => beside(() => new Promise((resolve) => setTimeout(resolve, forMs)), 1);
  await alone();
  const quiet = (await alone()).slowest;
  const waits = [];
  for (const [what, act] of attacks(url, token)) {
    const { slowest, answer } = await beside(act);
    waits.push(slowest);
    if (slowest > MOST_MS) console.log(`a neighbour waited ${ms(slowest)} for ${what} (${answer})`);
  }
  await neighbour.terminate();
  await server.close();
  const measured = { ours: [Math.max(...waits)], limit: [quiet] };
  return [compare(`longest wait beside ${waits.length} hostile requests, to none`, measured, ms, true)];
}

/** Each attack, by its name and transport. */
function* attacks(url, token) {
  for (const [what, body] of Object.entries(BODIES)) {
    yield [`${what}, HTTP`, () => overHttp(url, token, body)];
    yield [`${what}, WebSocket`, () => overSocket(url, token, body)];
    yield [`${what}, events`, () => overEvents(url, token, body)];
  }
  for (const [what, query] of Object.entries(IN_EVERY_FORM))
    for (const [form, request] of Object.entries(FORMS))
      for (const [door, path] of Object.entries(PATHS))
        yield [
          `${what}, ${door}, ${form}`,
          () => {
            const [search, options] = request(query);
            const headers = { authorization: `Bearer ${token}`, ...options.headers };
            return send(`${url}${path}${search}`, { ...options, headers });
          },
        ];
  const packed = gzipSync(Buffer.alloc(64 * 2 ** 20, '['));
  const doubled = text(DOCUMENTS['29 doubling fragments']);
  for (const [door, over] of Object.entries({ HTTP: overHttp, events: overEvents })) {
    yield [`29 doubling fragments, bad token, ${door}`, () => over(url, 'x', doubled)];
    yield [`64 MB, packed, ${door}`, () => over(url, token, packed, { 'content-encoding': 'gzip' })];
    for (const charset of CHARSETS)
      yield [
        `charset ${charset}, ${door}`,
        () => over(url, token, text('{ __typename }'), { 'content-type': `application/json; charset=${charset}` }),
      ];
  }
}
