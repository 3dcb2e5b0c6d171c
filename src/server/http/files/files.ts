/** Serves images and previews at their signed URLs. Anyone with a valid URL may read the file; every other request gets 404. */
import type { MikroORM } from '@mikro-orm/postgresql';
import { type Request, type Response, Router } from 'express';
import { validate as isUuid } from 'uuid';
import { filenameOf } from '../../../assets/filename.js';
import { readImage } from '../../../assets/result-rows.js';
import { readPreview } from '../../../generations/previews.js';
import type { SignedUrls } from '../../../storage/signed-urls.js';
import { MissingFileError, type Storage } from '../../../storage/storage.js';
import { redirectToStorage } from './redirect.js';
import { sendStoredFile } from './stored-file.js';

const DAY_SECONDS = 86_400;

type FileServices = { orm: MikroORM; storage: Storage; signedUrls: SignedUrls };

export function files({ orm, storage, signedUrls }: FileServices): Router {
  const router = Router();

  const isSigned = ({ path, query }: Request) => signedUrls.verify(path, query.expires, query.signature);

  /** @returns the id of `/<id>.<extension>`, if the signature is valid */
  const signedId = (request: Request): string | undefined => {
    const id = String(request.params.name).split('.')[0];
    return isSigned(request) && id !== undefined && isUuid(id) ? id : undefined;
  };

  router.get('/images/:name', async (request, response) => {
    const id = signedId(request);
    const image = id && (await readImage(orm.em.fork(), id));
    if (!image) return sendNotFound(response);
    sandbox(response).type(image.contentType);
    if (request.query.download) response.attachment(filenameOf(image));
    await send(request, response, storage, image.file);
  });

  router.get('/previews/:id/:frame', async (request, response) => {
    const id = request.params.id;
    const frame = isSigned(request) && isUuid(id) ? await readPreview(orm.em.fork(), id) : undefined;
    if (!frame) return sendNotFound(response);
    sandbox(response).type(frame.contentType).send(frame.bytes);
  });

  return router;
}

const sendNotFound = (response: Response): void => {
  response.status(404).type('text/plain').set('Cache-Control', 'no-store').send('Not found\n');
};

/** The bytes come from ComfyUI: a browser may show them as an image of this type, and run nothing. */
const sandbox = (response: Response): Response =>
  response.set({
    'Content-Security-Policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'cross-origin',
  });

/** The name of a file holds its bytes' hash: its content never changes. */
async function send(request: Request, response: Response, storage: Storage, key: string): Promise<void> {
  response.set('Cache-Control', `private, max-age=${DAY_SECONDS}, immutable`);
  if (await redirectToStorage(request, response, storage, key)) return;
  const etag = `"${key.slice(key.lastIndexOf('/') + 1, key.lastIndexOf('.'))}"`;
  await sendStoredFile(request, response, storage, key, etag).catch((error) => {
    if (!(error instanceof MissingFileError)) throw error;
    sendNotFound(response);
  });
}
