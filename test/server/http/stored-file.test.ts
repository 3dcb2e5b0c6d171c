/** What sending a stored file leaves behind. */
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import express from 'express';
import { sendStoredFile } from '../../../src/server/http/files/stored-file.js';
import type { Storage } from '../../../src/storage/storage.js';
import { until } from '../../support/until.js';

test('a file is closed if the client has gone before its first byte', async () => {
  const content = Readable.from([Buffer.alloc(8)], { objectMode: false });
  const client = new AbortController();
  const gone = Promise.withResolvers<void>();
  const storage = {
    stat: async () => ({ size: 8, modifiedAt: new Date() }),
    async read() {
      client.abort();
      await gone.promise;
      return content;
    },
  } as unknown as Storage;
  const app = express().get('/', async (request, response) => {
    response.once('close', gone.resolve);
    await sendStoredFile(request, response, storage, 'owner/hash.png');
  });
  const server = createServer(app).listen(0);
  const { port } = server.address() as { port: number };
  await fetch(`http://127.0.0.1:${port}/`, { signal: client.signal }).catch(() => undefined);
  await until(() => content.destroyed, 'the file to be closed');
  server.close();
});
