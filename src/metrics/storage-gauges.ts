/** What the files take, and what the disk of DATA_DIR has left. */
import { statfs } from 'node:fs/promises';
import { Gauge, type Registry } from 'prom-client';
import { readStoredBytes } from '../assets/stored-bytes.js';
import type { SqlRunner } from '../db/reads.js';

/** The sum reads a row for each file: that is too much for every scrape. */
const STORED_INTERVAL_MS = 300_000;

export class StorageGauges {
  readonly #stored: Gauge;
  #storedAt = Number.NEGATIVE_INFINITY;

  constructor(
    registry: Registry,
    private readonly reads: SqlRunner,
    dataDir: string,
  ) {
    const registers = [registry];
    this.#stored = new Gauge({
      name: 'comfygraph_stored_bytes',
      help: `Bytes of the files of all accounts, as of the last ${STORED_INTERVAL_MS / 60_000} minutes. The same on every server.`,
      registers,
    });
    this.#stored.remove();
    new Gauge({
      name: 'comfygraph_disk_bytes',
      help: 'Bytes of the file system of DATA_DIR: its size, and what is available.',
      labelNames: ['kind'] as const,
      registers,
      async collect() {
        this.reset();
        const disk = await statfs(dataDir).catch(() => undefined);
        if (!disk) return;
        this.set({ kind: 'size' }, disk.blocks * disk.bsize);
        this.set({ kind: 'available' }, disk.bavail * disk.bsize);
      },
    });
  }

  /** Starts to read the sum if it is old. A later scrape has it. */
  refresh(): void {
    if (performance.now() - this.#storedAt < STORED_INTERVAL_MS) return;
    this.#storedAt = performance.now();
    readStoredBytes(this.reads).then(
      (bytes) => this.#stored.set(bytes),
      () => {
        this.#storedAt = Number.NEGATIVE_INFINITY;
      },
    );
  }
}
