/** The command that creates an upload: the place for a file, and the permission to PUT it. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { Field, Float, InputType } from 'type-graphql';
import type { Viewer } from '../../accounts/viewer.js';
import { now, query } from '../../db/query.js';
import { badUserInput, quotaExceeded, unauthenticated } from '../../graphql/errors.js';
import { requireStorable } from '../../graphql/text.js';
import type { RateLimits } from '../../limits/rate-limits.js';
import { MEDIA_TYPES, mediaTypeOf } from './media-types.js';
import { Upload } from './upload.js';
import { lockUploadsOf, requireOwnUpload, type UploadRow } from './upload-rows.js';

const MAX_NAME_LENGTH = 255;
/** A guess: uploads expire, and can be deleted, at any time. */
const RETRY_AFTER_SECONDS = 60;

export type UploadLimits = {
  /** Bytes of one upload. */
  bytes: number;
  /** Uploads of one user that have not expired, filled or not, and their bytes. */
  userUploads: number;
  userBytes: number;
};

@InputType({ description: 'The file that will be uploaded. A file of another type or size is refused.' })
export class CreateUploadInput {
  @Field(() => String, {
    description: `One of ${MEDIA_TYPES.map((type) => `\`${type}\``).join(', ')}, or another usual name of these.`,
  })
  contentType!: string;

  @Field(() => Float, {
    description: 'The exact size in bytes, from 1 to MAX_UPLOAD_BYTES, which is 104,857,600 unless configured.',
  })
  byteSize!: number;

  @Field(() => String, { nullable: true, description: 'A label of 1 to 255 characters, without folders.' })
  filename?: string | null;
}

type CreateUploadServices = { em: SqlEntityManager; rateLimits: RateLimits; uploadLimits: UploadLimits };

/** @throws BAD_USER_INPUT, RATE_LIMITED, QUOTA_EXCEEDED, UNAUTHENTICATED for a disabled user */
export async function createUpload(
  viewer: Viewer,
  input: CreateUploadInput,
  { em, rateLimits, uploadLimits }: CreateUploadServices,
): Promise<UploadRow> {
  await rateLimits.take('upload', viewer.id);
  const contentType = mediaTypeOf(input.contentType);
  if (contentType === undefined)
    throw badUserInput(
      `Unsupported type ${input.contentType.slice(0, 100)}: the types are ${MEDIA_TYPES.join(', ')}`,
      'contentType',
    );
  const { byteSize } = input;
  if (!Number.isInteger(byteSize) || byteSize < 1 || byteSize > uploadLimits.bytes)
    throw badUserInput(`byteSize must be a whole number from 1 to ${uploadLimits.bytes}, not ${byteSize}`, 'byteSize');
  const filename = validateFilename(input.filename);
  const { id } = await em.transactional(async (em) => {
    if (!(await lockUploadsOf(em, viewer.id))) throw unauthenticated('This account is disabled');
    await requireCapacity(em, viewer.id, byteSize, uploadLimits);
    return em.create(Upload, { userId: viewer.id, contentType, byteSize, filename });
  });
  return await requireOwnUpload(em, viewer, id);
}

function validateFilename(filename: string | null | undefined): string | null {
  if (filename == null) return null;
  requireStorable(filename, 'filename');
  const length = [...filename].length;
  if (length < 1 || length > MAX_NAME_LENGTH)
    throw badUserInput(`filename must have 1 to ${MAX_NAME_LENGTH} characters, not ${length}`, 'filename');
  if (/[/\\\p{Cc}]/u.test(filename) || /^\.{1,2}$/.test(filename))
    throw badUserInput('filename must be a name without folders and control characters', 'filename');
  return filename;
}

async function requireCapacity(
  em: SqlEntityManager,
  userId: string,
  byteSize: number,
  { userUploads, userBytes }: UploadLimits,
): Promise<void> {
  const { count, bytes } = await query(em)
    .selectFrom('uploads')
    .select(({ fn }) => [fn.countAll<string>().as('count'), fn.sum<string | null>('byte_size').as('bytes')])
    .where('user_id', '=', userId)
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow();
  const refuse = (what: string, limit: number, used: number) =>
    quotaExceeded(`${what}: ${used} of ${limit} are used. Delete uploads, or wait until they expire`, {
      limit,
      used,
      retryAfter: RETRY_AFTER_SECONDS,
    });
  if (Number(count) >= userUploads) throw refuse('Upload limit reached', userUploads, Number(count));
  if (Number(bytes) + byteSize > userBytes) throw refuse('Limit of uploaded bytes reached', userBytes, Number(bytes));
}
