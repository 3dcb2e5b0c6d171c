/**
 * Takes the file of an upload by PUT at its signed URL. The URL is the permission: a credential is neither needed nor read. A refused PUT
 * stores nothing, and its response is an error as JSON.
 */
import type { MikroORM } from '@mikro-orm/postgresql';
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { validate as isUuid } from 'uuid';
import { fillUpload } from '../../../assets/uploads/fill-upload.js';
import { conflict, notFound, Refusal } from '../../../graphql/errors.js';
import { ConcurrencyLimit } from '../../../limits/concurrency-limit.js';
import { Semaphore } from '../../../limits/semaphore.js';
import type { SignedUrls } from '../../../storage/signed-urls.js';
import type { Storage } from '../../../storage/storage.js';
import { errorBody } from '../error-responses.js';

/** Each holds an image of up to MAX_UPLOAD_BYTES, and its pixels. */
const MAX_INSPECTIONS = 2;
const STATUS: Partial<Record<Refusal['code'], number>> = { NOT_FOUND: 404, CONFLICT: 409 };

type UploadServices = { orm: MikroORM; storage: Storage; signedUrls: SignedUrls; uploadLimits: { bytes: number } };

/** @param limit runs before the upload is received */
export function uploads({ orm, storage, signedUrls, uploadLimits }: UploadServices, limit: RequestHandler): Router {
  const router = Router();
  const inspections = new Semaphore(MAX_INSPECTIONS);
  // Otherwise one URL could fill the disk with temporary files.
  const perUpload = new ConcurrencyLimit(1);

  const receive = async (request: Request, id: string): Promise<void> => {
    const { expires, signature } = request.query;
    if (!signedUrls.verify(request.path, expires, signature) || !isUuid(id)) throw notFound('upload');
    const release = perUpload.acquire(id);
    if (!release) throw conflict('Another PUT to this URL is under way');
    try {
      await fillUpload(id, request, lengthOf(request), { em: orm.em.fork(), storage, inspections });
    } finally {
      release();
    }
  };

  router.put('/uploads/:id', limit, async (request, response) => {
    try {
      await receive(request, String(request.params.id));
      response.status(204).end();
    } catch (error) {
      // The client closed the connection: nobody reads a response.
      if (request.destroyed && !request.complete) return;
      discard(request, uploadLimits.bytes);
      if (!(error instanceof Refusal)) throw error;
      refuse(response, error);
    }
  });
  return router;
}

const lengthOf = ({ headers }: Request): number | undefined =>
  headers['content-length'] === undefined ? undefined : Number(headers['content-length']);

const refuse = (response: Response, { code, message, details }: Refusal): void =>
  void response.status(STATUS[code] ?? 400).json(errorBody(code, message, details));

/** Many clients read the response only after they have sent the whole file. */
function discard(request: Request, maxBytes: number): void {
  let left = maxBytes;
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.resume();
}
