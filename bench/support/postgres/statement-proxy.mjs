/**
 * A proxy in front of PostgreSQL that counts statements, round trips, and commits that wait for the disk. It changes nothing, and its time is
 * not measured.
 */
import { connect, createServer } from 'node:net';
import { closeAtEnd } from '../process/closers.mjs';
import { splitMessages } from './messages.mjs';

/** A commit waits for the disk if its transaction has written to the log: changed or locked a row. NOTIFY alone has not. */
const HAS_CHANGED = /^(INSERT 0|UPDATE|DELETE|MERGE) [1-9]/;
const HAS_SELECTED = /^SELECT [1-9]/;
const MAY_WRITE = /\bfor (no key )?(share|update)\b|^\s*with\b[\s\S]*\b(insert into|update|delete from)\b/i;
const IS_ASYNCHRONOUS = /synchronous_commit = off/i;
const IDLE = 'I';

const text = (bytes, from) => bytes.toString('utf8', from, bytes.indexOf(0, from));

/** @returns the address of the database through the proxy, and what has passed since `reset` */
export async function startStatementProxy(databaseUrl) {
  const { hostname, port } = new URL(databaseUrl);
  let statements = [];
  let roundTrips = 0;
  let syncs = 0;
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port) });
    const prepared = new Map();
    let sent = [];
    let writes = false;
    const send = (statement) => {
      statements.push(statement);
      sent.push(statement);
    };
    const requests = splitMessages({ hasStartup: true }, (type, body) => {
      if (type === 'Q') send(text(body, 0));
      if (type === 'P') prepared.set(text(body, 0), text(body, body.indexOf(0) + 1));
      // A bound statement is executed once.
      if (type === 'B') send(prepared.get(text(body, body.indexOf(0) + 1)));
    });
    const responses = splitMessages({}, (type, body) => {
      if (type === 'C') {
        const tag = text(body, 0);
        writes ||= HAS_CHANGED.test(tag) || (HAS_SELECTED.test(tag) && sent.some((each) => MAY_WRITE.test(each)));
      }
      if (type !== 'Z') return;
      // ReadyForQuery: the client has waited for it.
      roundTrips += 1;
      if (body.toString() !== IDLE) return;
      if (writes && !sent.some((each) => IS_ASYNCHRONOUS.test(each))) syncs += 1;
      sent = [];
      writes = false;
    });
    client.on('data', requests).pipe(upstream);
    upstream.on('data', responses).pipe(client);
    for (const socket of [client, upstream]) {
      socket.on('error', () => {});
      socket.on('close', () => [client, upstream].forEach((each) => void each.destroy()));
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  closeAtEnd(async () => void server.close());
  const url = new URL(databaseUrl);
  url.port = String(server.address().port);
  return {
    url: url.href,
    reset() {
      statements = [];
      roundTrips = 0;
      syncs = 0;
    },
    counted: () => ({ statements, roundTrips, syncs }),
  };
}
