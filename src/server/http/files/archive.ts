/** Sends all files of a result as one ZIP, while it is made. */
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { ZipFile } from 'yazl';
import { filenameOf } from '../../../assets/filename.js';
import type { ResultRow } from '../../../assets/result-rows.js';
import type { Storage } from '../../../storage/storage.js';

/** A missing file, or an error of the storage, ends the connection: the response has begun. */
export async function sendArchive(response: Response, result: ResultRow, storage: Storage): Promise<void> {
  const { images, files, prompt, workflowName } = result;
  response
    .attachment(`${nameOf(result)}.zip`)
    .type('application/zip')
    .set('Cache-Control', 'private, no-store');
  if (response.req.method === 'HEAD') return void response.end();
  const zip = new ZipFile();
  const names = new Set<string>();
  for (const own of [...images, ...files]) {
    const name = unique(filenameOf({ ...own, prompt, workflowName }), names);
    const stored = { compress: false, size: own.byteSize, mtime: new Date(result.createdAt) };
    // Each file is opened when its turn comes.
    zip.addReadStreamLazy(name, stored, (callback) => {
      storage.read(own.file).then(
        (content) => callback(null, content),
        (error: Error) => {
          zip.outputStream.emit('error', error);
        },
      );
    });
  }
  zip.end();
  await pipeline(zip.outputStream, response).catch(() => response.destroy());
}

/** The name without an extension. */
function nameOf({ id, prompt, workflowName }: ResultRow): string {
  return filenameOf({ id, file: '.', prompt, workflowName }).slice(0, -1);
}

function unique(name: string, names: Set<string>): string {
  let free = name;
  for (let nth = 2; names.has(free); nth += 1) free = name.replace(/(\.[^.]*)?$/, `-${nth}$1`);
  names.add(free);
  return free;
}
