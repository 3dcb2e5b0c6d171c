/** Serves images, files, thumbnails and previews at their signed URLs. Anyone with a valid URL may read the file; every other request gets 404. */
import type { MikroORM } from '@mikro-orm/postgresql';
import { type Request, type Response, Router } from 'express';
import { validate as isUuid } from 'uuid';
import { filenameOf } from '../../../assets/filename.js';
import { type ImageRow, type OutputFileRow, readFile, readImage, readResult } from '../../../assets/result-rows.js';
import { Thumbnails } from '../../../assets/thumbnails.js';
import { readPreview } from '../../../generations/previews.js';
import type { SignedUrls } from '../../../storage/signed-urls.js';
import { MissingFileError, type Storage } from '../../../storage/storage.js';
import { sendArchive } from './archive.js';
import { redirectToStorage } from './redirect.js';
import { harmless, sendStoredFile } from './stored-file.js';

const DAY_SECONDS = 86_400;
/** What browsers show or play. They save everything else. */
const INLINE = /^(image\/(png|jpeg|webp|gif|avif)|video\/.+|audio\/.+|text\/plain|application\/json)$/;

type FileServices = { orm: MikroORM; storage: Storage; signedUrls: SignedUrls };
type Sent = { key: string; contentType: string; filename?: string };

export function files({ orm, storage, signedUrls }: FileServices): Router {
  const router = Router();
  const thumbnails = new Thumbnails(storage);
  const em = () => orm.em.fork();

  const isSigned = ({ path, query }: Request) => signedUrls.verify(path, query.expires, query.signature);

  /** @returns the id of `/<id>.<extension>`, if the signature is valid */
  const signedId = (request: Request): string | undefined => {
    const id = String(request.params.name).split('.')[0];
    return isSigned(request) && id !== undefined && isUuid(id) ? id : undefined;
  };

  const serve = (find: (id: string, request: Request) => Promise<Sent | undefined>) => {
    return async (request: Request, response: Response) => {
      const id = signedId(request);
      const sent = id && (await find(id, request));
      if (!sent) return sendNotFound(response);
      await send(request, response, storage, sent);
    };
  };

  router.get(
    '/images/:name',
    serve(async (id) => sentOf(await readImage(em(), id))),
  );
  router.get(
    '/files/:name',
    serve(async (id) => sentOf(await readFile(em(), id))),
  );
  router.get(
    '/posters/:name',
    serve(async (id) => {
      const key = (await readFile(em(), id))?.poster;
      return key ? { key, contentType: key.endsWith('.png') ? 'image/png' : 'image/jpeg' } : undefined;
    }),
  );
  router.get('/thumbnails/:id/:name', async (request, response) => {
    const { id, name } = request.params;
    const image = isSigned(request) && isUuid(id) ? await readImage(em(), id) : undefined;
    const key = image && (await thumbnails.find(image.file, Number(name.split('.')[0])));
    if (!key) return sendNotFound(response);
    await send(request, response, storage, { key, contentType: 'image/webp' });
  });

  router.get('/archives/:name', async (request, response) => {
    const id = signedId(request);
    const result = id && (await readResult(em(), id));
    if (!result) return sendNotFound(response);
    await sendArchive(response, result, storage);
  });

  router.get('/previews/:id/:frame', async (request, response) => {
    const id = request.params.id;
    const frame = isSigned(request) && isUuid(id) ? await readPreview(em(), id) : undefined;
    if (frame === undefined) return sendNotFound(response);
    // A browser shows an error in its console for 404, and it asks for frames of generations that have just ended.
    if (frame === null) return void response.status(204).end();
    response.set(harmless(frame.contentType)).type(frame.contentType).send(frame.bytes);
  });

  return router;
}

const sentOf = (row: ImageRow | OutputFileRow | undefined): Sent | undefined =>
  row && { key: row.file, contentType: row.contentType, filename: filenameOf(row) };

/** Without the headers of a file. */
const sendNotFound = (response: Response): void => {
  response.removeHeader('Content-Disposition');
  response.status(404).type('text/plain').set('Cache-Control', 'no-store').send('Not found\n');
};

/** The bytes under a key never change. */
async function send(
  request: Request,
  response: Response,
  storage: Storage,
  { key, contentType, filename }: Sent,
): Promise<void> {
  response.set(harmless(contentType)).type(contentType);
  if (filename && (request.query.download || !INLINE.test(contentType)))
    response.attachment(filename).type(contentType);
  response.set('Cache-Control', `private, max-age=${DAY_SECONDS}, immutable`);
  if (await redirectToStorage(request, response, storage, key)) return;
  await sendStoredFile(request, response, storage, key).catch((error) => {
    if (!(error instanceof MissingFileError)) throw error;
    sendNotFound(response);
  });
}
