/** The S3 server of a storm as a process that is killed. Its objects are on the disk, and so survive. */
import { join } from 'node:path';
import { s3Storage } from '../../../src/storage/open-storage.js';
import type { Storage } from '../../../src/storage/storage.js';
import { APP_TIMINGS } from '../../../src/timings.js';
import { freePort } from '../../support/free-port.js';
import { BUCKET, CREDENTIAL_ENV } from '../../support/s3/server.js';
import type { Random } from '../random.js';
import { pauseBetween, SupervisedProcess } from '../supervised-process.js';

const LONGEST_PAUSE_MS = 1_000;

export class ObjectStore extends SupervisedProcess {
  /** Variables of a server that stores its files here. */
  readonly env: Record<string, string>;
  readonly #url: string;

  private constructor(folder: string, port: number, random: Random) {
    super({
      name: 'object-store',
      args: ['--import', './test/jest/modules.js', 'test/support/s3/main.ts'],
      env: { S3_PORT: String(port), S3_FOLDER: join(folder, 'objects') },
      line: /S3 server: (http\S+)/,
      pause: pauseBetween(random, 0, LONGEST_PAUSE_MS),
    });
    this.#url = `http://127.0.0.1:${port}`;
    this.env = { S3_BUCKET: BUCKET, S3_ENDPOINT: this.#url, ...CREDENTIAL_ENV };
  }

  static async open(folder: string, random: Random): Promise<ObjectStore> {
    const store = new ObjectStore(folder, await freePort(), random);
    store.open();
    await store.ready();
    return store;
  }

  /** What the servers see. */
  storage(dataDir: string): Promise<Storage> {
    return s3Storage({ dataDir, s3Bucket: BUCKET, s3Endpoint: this.#url, s3Downloads: 'proxy' }, APP_TIMINGS);
  }
}
