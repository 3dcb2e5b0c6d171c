/**
 * Serves shares: their page at /s/<token>, and their images and files below it. The token is the permission. Each request asks the database
 * whether the share is still there, so that it ends at once, and is answered with a copy without metadata.
 */
import { type Request, type RequestHandler, type Response, Router } from 'express';
import { validate as isUuid } from 'uuid';
import { filenameOf } from '../../../assets/filename.js';
import type { ImageRow, OutputFileRow } from '../../../assets/result-rows.js';
import { readSharedFile, readSharedImage } from '../../../assets/shares/share-rows.js';
import { openShare, type ShareServices } from '../../../assets/shares/shared.js';
import { Thumbnails } from '../../../assets/thumbnails.js';
import type { SqlRunner } from '../../../db/reads.js';
import { MissingFileError, type Storage } from '../../../storage/storage.js';
import { sendMissing } from './missing.js';
import { sendShared } from './page.js';
import { type SharedFile, sendSharedFile, sendSharedNotFound } from './shared-file.js';

type Services = ShareServices & { storage: Storage };
type Read<Row> = (reads: SqlRunner, shareId: string, id: string) => Promise<Row | undefined>;
type Find<Row> = (row: Row, request: Request) => Promise<SharedFile | undefined>;

/** @param publicOrigin where browsers reach this server; undefined if it is that of each request */
export function shares(services: Services, publicOrigin: string | undefined): Router {
  const { reads, shareLinks, storage, strippedFiles } = services;
  const router = Router();
  const thumbnails = new Thumbnails(storage);

  const strip = async (key: string, file: Omit<SharedFile, 'key'>): Promise<SharedFile | undefined> => {
    const copy = await strippedFiles.find(key);
    return copy && { ...file, key: copy.key };
  };
  const whole = (row: ImageRow | OutputFileRow) =>
    strip(row.file, { contentType: row.contentType, filename: filenameOf(row) });

  /** The id is in `/<id>.<extension>` or `/<id>/<name>`. */
  const serve =
    <Row>(read: Read<Row>, find: Find<Row>): RequestHandler =>
    async (request, response) => {
      const shareId = shareLinks.verify(String(request.params.token));
      const id = String(request.params.id).split('.')[0] ?? '';
      const row = shareId && isUuid(id) ? await read(reads, shareId, id) : undefined;
      const file = row && (await find(row, request).catch(ignoreMissing));
      if (!file) return sendSharedNotFound(response);
      await sendSharedFile(request, response, storage, file);
    };

  router.get('/s/:token', async (request: Request, response: Response) => {
    const shared = await openShare(String(request.params.token), services);
    if (!shared) return sendMissing(response);
    sendShared(response, shared, publicOrigin ?? `${request.protocol}://${request.get('Host') ?? ''}`);
  });
  router.get('/s/:token/images/:id', serve(readSharedImage, whole));
  router.get('/s/:token/files/:id', serve(readSharedFile, whole));
  router.get(
    '/s/:token/posters/:id',
    serve(readSharedFile, async ({ poster }) =>
      poster ? await strip(poster, { contentType: poster.endsWith('.png') ? 'image/png' : 'image/jpeg' }) : undefined,
    ),
  );
  router.get(
    '/s/:token/thumbnails/:id/:name',
    serve(readSharedImage, async ({ file }, { params }) => {
      const key = await thumbnails.find(file, Number(String(params.name).split('.')[0]));
      return key === undefined ? undefined : { key, contentType: 'image/webp' };
    }),
  );
  return router;
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof MissingFileError)) throw error;
}
