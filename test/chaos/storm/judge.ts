/** Waits until a storm has passed, lets the servers clean up, and compares the storage with the tables in both directions. */
import { createHash } from 'node:crypto';
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { REFERENCES } from '../../../src/assets/blobs.js';
import { blobOf } from '../../../src/assets/derived.js';
import { readBytes, type Storage } from '../../../src/storage/storage.js';
import type { Receiver } from '../../deliveries/receiver.js';
import type { Cluster } from '../cluster.js';
import { inDatabase } from '../records.js';
import type { Account } from './account.js';
import type { ObjectStore } from './object-store.js';

export type Findings = {
  /** Each is a broken promise of the server. */
  violations: string[];
  /** Files without a row, and rows without a file: when the storm had passed, and after the sweep. */
  strays: { before: number; after: number };
  blobs: number;
  derived: number;
  /** How many generations were left, by status and failure. */
  generations: Map<string, number>;
  delivered: number;
};

type Scene = {
  cluster: Cluster;
  store: ObjectStore | undefined;
  storage: Storage;
  receiver: Receiver;
  accounts: readonly Account[];
  log: (line: string) => void;
  signal: AbortSignal;
};

type BlobRow = { file: string; hash: string; byte_size: string };

const QUIET_TIMEOUT_MS = 180_000;
const SWEEP_TIMEOUT_MS = 60_000;
/** Of the columns that name a blob, with what a row without one means. */
const NAMED = REFERENCES.map((column) => `select ${column} from ${column.split('.')[0]} where ${column} is not null`);
const UNFINISHED = 'select id, status from generations where completed_at is null and deleted_at is null';
const PENDING = `select d.id from deliveries d join users u on u.id = d.user_id and u.disabled_at is null where d.state = 'PENDING'`;
/** What a deletion must take with it, once its rows are a day old. */
const DELETED: Record<string, string> = {
  'deleted generation': 'select id from generations where deleted_at is not null',
  'deleted account': 'select id from users where deleted_at is not null',
  'share of nothing': `select s.id from shares s left join generations g on g.id = s.generation_id where g.id is null`,
  'delivery of nothing': `select d.id from deliveries d left join generations g on g.id = d.generation_id where g.id is null`,
};

export const judge = (scene: Scene): Promise<Findings> =>
  inDatabase(scene.cluster.databaseUrl, (database) => new Judge(scene, database).judge());

class Judge {
  readonly #scene: Scene;
  readonly #database: pg.Client;
  readonly #violations: string[] = [];

  constructor(scene: Scene, database: pg.Client) {
    this.#scene = scene;
    this.#database = database;
  }

  async judge(): Promise<Findings> {
    const { log } = this.#scene;
    const before = (await this.#strays()).length;
    log(`the storm has passed; ${before} files without a row or rows without a file`);
    await this.#comeToRest();
    const generations = await this.#checkGenerations();
    log('every generation has ended');
    await this.#age();
    await this.#restartServers();
    await this.#becomes(SWEEP_TIMEOUT_MS, async () => (await this.#leftovers()).length === 0);
    this.#violations.push(...(await this.#leftovers()));
    const strays = await this.#strays();
    const keys = await this.#keys();
    await this.#checkBytes(keys);
    const blobs = keys.filter((key) => blobOf(key) === key).length;
    return {
      violations: this.#violations,
      strays: { before, after: strays.length },
      blobs,
      derived: keys.length - blobs,
      generations,
      delivered: this.#scene.receiver.accepted.length,
    };
  }

  /** All processes are back, every generation has ended, and every delivery has arrived. */
  async #comeToRest(): Promise<void> {
    const { cluster, store } = this.#scene;
    await Promise.all(
      [...cluster.backends, ...cluster.replicas, ...(store ? [store] : [])].map((each) => each.ready()),
    );
    for (const backend of cluster.backends) await backend.heal();
    await this.#becomes(QUIET_TIMEOUT_MS, async () => (await this.#rows(UNFINISHED)).length === 0);
    for (const { id, status } of await this.#rows(UNFINISHED)) this.#violations.push(`${id} stays ${status}`);
    await this.#becomes(SWEEP_TIMEOUT_MS, async () => (await this.#rows(PENDING)).length === 0);
    for (const { id } of await this.#rows(PENDING)) this.#violations.push(`the delivery ${id} stays pending`);
    // A server that starts while the object store is away says so, and exits.
    for (const { name, faults } of [...cluster.replicas, ...cluster.backends])
      for (const fault of faults)
        if (!(store && /The bucket \w+ at .* is un/.test(fault))) this.#violations.push(`${name}: ${fault}`);
  }

  /** Nothing that was acknowledged is lost, and each end was announced. */
  async #checkGenerations(): Promise<Map<string, number>> {
    const rows = await this.#rows(`
      select g.id, g.status, g.failure ->> 'code' as code, g.deleted_at is not null as "isDeleted",
        (select count(*)::int from results r where r.generation_id = g.id) as results
      from generations g`);
    const byId = new Map(rows.map((row) => [row.id, row]));
    const announced = new Set(this.#scene.receiver.accepted.map(({ type, data }) => `${type} ${data.id}`));
    const counts = new Map<string, number>();
    const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const { id, status, code, isDeleted, results } of rows) {
      if (isDeleted) count('deleted');
      else {
        count([status, code].filter(Boolean).join(' '));
        if ((status === 'COMPLETED') !== (results === 1))
          this.#violations.push(`${id} is ${status} with ${results} results`);
        if (!announced.has(`generation.${String(status).toLowerCase()} ${id}`))
          this.#violations.push(`the end of ${id}, ${status}, was not delivered`);
      }
    }
    for (const account of this.#scene.accounts)
      for (const { id, isFavorite, deleteRequested } of account.made) {
        if (deleteRequested || account.deleteRequested) continue;
        const row = byId.get(id);
        // Retention deletes all but favorites.
        if (!row || (row.isDeleted && isFavorite))
          this.#violations.push(`the generation ${id} was acknowledged, and is lost`);
      }
    return counts;
  }

  /** What a sweep leaves alone for an hour or a day is that old now. */
  async #age(): Promise<void> {
    await this.#database.query(
      `update generations set deleted_at = deleted_at - interval '25 hours' where deleted_at is not null`,
    );
    const old = new Date(Date.now() - 2 * 3_600_000);
    for (const path of await this.#temporaryFiles()) await utimes(path, old, old).catch(() => {});
  }

  /** A start sweeps what killed processes left. */
  async #restartServers(): Promise<void> {
    const { replicas } = this.#scene.cluster;
    await Promise.all(replicas.map((replica) => replica.terminate()));
    await Promise.all(replicas.map((replica) => replica.ready()));
  }

  async #leftovers(): Promise<string[]> {
    const found = await this.#strays();
    for (const path of await this.#temporaryFiles()) found.push(`the temporary file ${path} is left`);
    for (const [what, statement] of Object.entries(DELETED))
      for (const { id } of await this.#rows(statement)) found.push(`the ${what} ${id} is left`);
    return found;
  }

  async #strays(): Promise<string[]> {
    const keys = await this.#keys();
    const blobs = new Set((await this.#rows('select file from blobs')).map(({ file }) => String(file)));
    const stored = new Set(keys);
    const named = (await this.#rows(`select distinct file from (${NAMED.join(' union all ')}) named (file)`)).map(
      ({ file }) => String(file),
    );
    const isNamed = new Set(named);
    return [
      ...keys.filter((key) => !blobs.has(blobOf(key))).map((key) => `the file ${key} has no row`),
      ...[...blobs].filter((key) => !stored.has(key)).map((key) => `the row of ${key} has no file`),
      ...named.filter((key) => !stored.has(key)).map((key) => `${key} is named, and has no file`),
      ...[...blobs].filter((key) => !isNamed.has(key)).map((key) => `nothing names the blob ${key}`),
    ];
  }

  async #checkBytes(keys: readonly string[]): Promise<void> {
    const rows = new Map(
      (await this.#rows('select file, hash, byte_size from blobs')).map((row) => [row.file, row as BlobRow]),
    );
    for (const key of keys) {
      const row = rows.get(key);
      if (!row) continue;
      const bytes = await readBytes(this.#scene.storage, key);
      if (bytes.length !== Number(row.byte_size) || createHash('sha256').update(bytes).digest('hex') !== row.hash)
        this.#violations.push(`the file ${key} is not what its row says`);
    }
  }

  async #keys(): Promise<string[]> {
    const { storage } = this.#scene;
    const keys: string[] = [];
    for await (const owner of storage.owners()) for await (const { key } of storage.list(owner)) keys.push(key);
    return keys;
  }

  async #temporaryFiles(): Promise<string[]> {
    const { cluster, store } = this.#scene;
    const folder = store ? join(cluster.dataDir, 'temporary') : join(cluster.pictures, '.temporary');
    return (await readdir(folder)).map((name) => join(folder, name));
  }

  async #rows(statement: string): Promise<Record<string, unknown>[]> {
    return (await this.#database.query(statement)).rows;
  }

  async #becomes(timeoutMs: number, isTrue: () => Promise<boolean>): Promise<void> {
    const { signal } = this.#scene;
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(500, undefined, { signal }))
      if (await isTrue()) return;
  }
}
