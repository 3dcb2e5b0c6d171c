/** Watches one generation to its end over a socket, reconnects when a server dies, and records violations. */
import { setTimeout as sleep } from 'node:timers/promises';
import { clientOf } from '../support/client.js';
import type { Cluster } from './cluster.js';
import type { Creation } from './creation.js';
import type { Random } from './random.js';
import { codesOf } from './request.js';

const RANKS: Record<string, number> = { PENDING: 0, PROCESSING: 1, CANCELING: 2, COMPLETED: 3, CANCELED: 3, FAILED: 3 };
const FINAL = 3;
const DOCUMENT = `subscription ($id: ID!) { generationUpdated(id: $id) { status revision result { images { id } } } }`;
const RECONNECT_DELAY_MS = 100;

type Snapshot = { status: string; revision: number };

export class Watcher {
  /** Violations that it observed. */
  readonly faults: string[] = [];
  connections = 0;
  isDone = false;
  #last: Snapshot | undefined;
  readonly #creation: Creation;

  constructor(creation: Creation) {
    this.#creation = creation;
  }

  async watch(cluster: Cluster, random: Random, isOver: () => boolean): Promise<void> {
    while (!this.isDone && !isOver()) {
      const urls = cluster.replicas.flatMap(({ url }) => url ?? []);
      if (urls.length > 0) await this.#connect(random.pick(urls)).catch(() => {});
      if (!this.isDone) await sleep(RECONNECT_DELAY_MS);
    }
  }

  /** Resolves when the stream completes; throws when the socket breaks. */
  async #connect(url: string): Promise<void> {
    const { id, user } = this.#creation;
    this.connections += 1;
    let finals = 0;
    for await (const answer of clientOf(url, user.token).watch(DOCUMENT, { id })) {
      if (answer.errors) {
        if (codesOf(answer).includes('INTERNAL_SERVER_ERROR')) return;
        this.isDone = true;
        if (!this.#creation.deleteRequested) this.faults.push(`got an error: ${JSON.stringify(answer.errors)}`);
        return;
      }
      const seen: Snapshot = answer.data.generationUpdated;
      if (finals > 0) this.faults.push(`saw ${seen.status} after the end`);
      this.#compare(seen);
      if (rankOf(seen) === FINAL) finals += 1;
    }
    this.isDone = true;
    if (finals !== 1 && !this.#creation.deleteRequested)
      this.faults.push(`saw the stream complete after ${finals} ends`);
  }

  #compare(seen: Snapshot): void {
    const last = this.#last;
    this.#last = seen;
    if (!last) return;
    const step = `${last.status} (${last.revision}), then ${seen.status} (${seen.revision})`;
    if (rankOf(seen) < rankOf(last) || (rankOf(last) === FINAL && seen.status !== last.status))
      this.faults.push(`saw the status go back: ${step}`);
    if (seen.revision < last.revision || (seen.status !== last.status && seen.revision === last.revision))
      this.faults.push(`saw a revision that did not increase: ${step}`);
  }
}

const rankOf = ({ status }: Snapshot): number => RANKS[status] ?? -1;
