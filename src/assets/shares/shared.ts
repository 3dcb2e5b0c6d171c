/** Opens a share: what a public link shows, and nothing else. */
import type { SqlRunner } from '../../db/reads.js';
import { filenameOf } from '../filename.js';
import type { ImageRow, OutputFileRow } from '../result-rows.js';
import type { ShareLinks } from './share-links.js';
import { readShared, type SharedRow } from './share-rows.js';
import type { StrippedFiles } from './stripped-files.js';

export type ShareServices = { reads: SqlRunner; shareLinks: ShareLinks; strippedFiles: StrippedFiles };

/** How a shared image or file differs from the owner's: its URLs, which return the copy without metadata. */
export type InShare = {
  share: {
    /** Root-relative: its URLs begin with it. */
    url: string;
    expiresAt: string | null;
  };
};

export type Shared = Omit<SharedRow, 'images' | 'files'> & {
  images: (ImageRow & InShare)[];
  files: (OutputFileRow & InShare)[];
  /** One sentence for each file that is left out, with the reason. */
  problems: string[];
};

/** Reads no file: copies are made when they are requested. Undefined for a token that is unknown, and for a share that has ended. */
export async function openShare(token: string, services: ShareServices): Promise<Shared | undefined> {
  const { reads, shareLinks, strippedFiles } = services;
  const id = shareLinks.verify(token);
  const row = id && (await readShared(reads, id));
  if (!row) return undefined;
  const { prompt, expiresAt } = row;
  // File names are made of the prompt. The name of a workflow is the owner's.
  const origin = { userId: '', prompt, workflowName: 'shared', share: { url: shareLinks.urlOf(id), expiresAt } };
  const problems: string[] = [];
  const kept = <Own extends { id: string; file: string }>(own: readonly Own[]) =>
    own
      .map((each) => ({ ...each, ...origin }))
      .filter((each) => {
        const refusal = strippedFiles.refusalOf(each.file);
        if (refusal !== undefined)
          problems.push(`${filenameOf(each)} is not part of this link: ${refusal}, and may tell how it was made`);
        return refusal === undefined;
      });
  return { ...row, images: kept(row.images), files: kept(row.files), problems };
}
