/** The slice of an operation's context that assets use. */
import type { ViewerContext } from '../accounts/context.js';
import type { RateLimits } from '../limits/rate-limits.js';
import type { SignedUrls } from '../storage/signed-urls.js';
import type { Storage } from '../storage/storage.js';
import type { ShareLinks } from './shares/share-links.js';
import type { StrippedFiles } from './shares/stripped-files.js';
import type { UploadLimits } from './uploads/create-upload.js';

export type AssetsContext = ViewerContext & {
  storage: Storage;
  signedUrls: SignedUrls;
  shareLinks: ShareLinks;
  strippedFiles: StrippedFiles;
  rateLimits: RateLimits;
  uploadLimits: UploadLimits;
};
