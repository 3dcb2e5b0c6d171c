/** Serves pictures and previews at their signed URLs. Whoever holds one may see it; every other request finds nothing. */
import type { MikroORM } from '@mikro-orm/postgresql';
import { type Request, type Response, Router } from 'express';
import { validate as isUuid } from 'uuid';
import { filenameOf } from '../../assets/filename.js';
import { readImage } from '../../assets/result-rows.js';
import { readPreview } from '../../generations/previews.js';
import type { SignedUrls } from '../../storage/signed-urls.js';
import type { Storage } from '../../storage/storage.js';

const DAY_SECONDS = 86_400;

export type FileServices = { orm: MikroORM; storage: Storage; signedUrls: SignedUrls };

export function files({ orm, storage, signedUrls }: FileServices): Router {
  const router = Router();

  const isSigned = ({ path, query }: Request) => signedUrls.verify(path, query.expires, query.signature);

  /** The id of `/<id>.<extension>`, if the URL was signed by us. */
  const signedId = (request: Request): string | undefined => {
    const id = String(request.params.name).split('.')[0];
    return isSigned(request) && id !== undefined && isUuid(id) ? id : undefined;
  };

  router.get('/images/:name', async (request, response) => {
    const id = signedId(request);
    const image = id && (await readImage(orm.em.fork(), id));
    if (!image) return notFound(response);
    protect(response).type(image.contentType);
    if (request.query.download) response.attachment(filenameOf(image));
    await send(response, storage.path(image.file), image.file);
  });

  router.get('/previews/:id/:frame', async (request, response) => {
    const id = request.params.id;
    const frame = isSigned(request) && isUuid(id) ? await readPreview(orm.em.fork(), id) : undefined;
    if (!frame) return notFound(response);
    protect(response).type(frame.contentType).send(frame.bytes);
  });

  return router;
}

const notFound = (response: Response): void => {
  response.status(404).type('text/plain').set('Cache-Control', 'no-store').send('Not found\n');
};

/** What a browser is to make of bytes that came from elsewhere: a picture of that type, and nothing else. */
const protect = (response: Response): Response =>
  response.set({
    'Content-Security-Policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'cross-origin',
  });

/** With ETag, Last-Modified, Range and HEAD. A name holds its bytes' hash: what it names never changes. */
const send = (response: Response, path: string, key: string): Promise<void> =>
  new Promise((resolve, reject) => {
    response.set('ETag', `"${key.slice(key.lastIndexOf('/') + 1, key.lastIndexOf('.'))}"`);
    const options = { dotfiles: 'allow' as const, maxAge: DAY_SECONDS * 1000, cacheControl: false };
    response.set('Cache-Control', `private, max-age=${DAY_SECONDS}, immutable`);
    response.sendFile(path, options, (error) => {
      // A reader that went away is nothing of ours.
      if (!error || response.headersSent) return resolve();
      const { statusCode = 500 } = error as { statusCode?: number };
      if (statusCode >= 500) return reject(error);
      if (statusCode === 404) notFound(response);
      // A range that does not exist, or a condition that is not met.
      else response.status(statusCode).end();
      resolve();
    });
  });
