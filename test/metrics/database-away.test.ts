/**
 * `/metrics` while PostgreSQL does not respond: it reports that, and what it can.
 *
 * @slow: waits for a time limit.
 */
import { startTestApp, type TestApp } from '../support/app.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { startTunnel, type Tunnel } from '../support/tunnel.js';
import { scrape, sumOf, TOKEN } from './scrape.js';

let database: TestDatabase;
let tunnel: Tunnel;
let app: TestApp;
beforeAll(async () => {
  database = await createDatabase();
  tunnel = await startTunnel(database.url);
  app = await startTestApp({ env: { DATABASE_URL: tunnel.url, METRICS_TOKEN: TOKEN } });
});
afterEach(() => {
  // Cuts the connections that wait for data that was swallowed.
  tunnel.refuse();
  tunnel.heal();
});
afterAll(async () => {
  await app?.close();
  tunnel?.close();
  await database?.drop();
});

test.each(['refuse', 'swallow'] as const)(
  'with a database that would %s, what is unknown is absent, not 0',
  async (way) => {
    expect(sumOf(await scrape(app), 'comfygraph_generations_waiting')).toBe(0);
    tunnel[way]();
    const during = await scrape(app);
    expect(sumOf(during, 'comfygraph_database_up')).toBe(0);
    for (const name of [
      'generations_waiting',
      'generations_oldest_waiting_seconds',
      'generations_running',
      'backend_state',
    ])
      expect(sumOf(during, `comfygraph_${name}`)).toBeUndefined();
    expect(sumOf(during, 'comfygraph_database_connections', { state: 'max' })).toBe(10);
    expect(sumOf(during, 'process_resident_memory_bytes')).toBeGreaterThan(0);
  },
);
