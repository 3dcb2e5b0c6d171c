/** Opens a share: what a public link shows, and nothing else. */
import type { SqlRunner } from '../../db/reads.js';
import { MissingFileError } from '../../storage/storage.js';
import type { ImageRow, OutputFileRow } from '../result-rows.js';
import type { ShareLinks } from './share-links.js';
import { readShared, type SharedRow } from './share-rows.js';
import type { StrippedFiles } from './stripped-files.js';

export type ShareServices = { reads: SqlRunner; shareLinks: ShareLinks; strippedFiles: StrippedFiles };

/** How a shared image or file differs from the owner's: other URLs, and the copy without metadata. */
export type InShare = {
  share: {
    /** Root-relative: its URLs begin with it. */
    url: string;
    expiresAt: string | null;
    /** The storage key of the copy. */
    key: string;
  };
};

export type Shared = Omit<SharedRow, 'images' | 'files'> & {
  images: (ImageRow & InShare)[];
  files: (OutputFileRow & InShare)[];
};

/** Files whose metadata cannot be removed are left out. Undefined for a token that is unknown, and for a share that has ended. */
export async function openShare(token: string, services: ShareServices): Promise<Shared | undefined> {
  const { reads, shareLinks, strippedFiles } = services;
  const id = shareLinks.verify(token);
  const row = id && (await readShared(reads, id));
  if (!row) return undefined;
  const url = shareLinks.urlOf(id);
  // File names are made of the prompt. The name of a workflow is the owner's.
  const origin = { userId: '', prompt: row.prompt, workflowName: 'shared' };
  const strip = async <Own extends { file: string }>(own: Own) => {
    const copy = await strippedFiles.find(own.file).catch(ignoreMissing);
    if (!copy) return [];
    const share = { url, expiresAt: row.expiresAt, key: copy.key };
    return [{ ...own, ...origin, byteSize: copy.byteSize, share }];
  };
  const [images, files] = await Promise.all([Promise.all(row.images.map(strip)), Promise.all(row.files.map(strip))]);
  return { ...row, images: images.flat(), files: files.flat() };
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof MissingFileError)) throw error;
}
