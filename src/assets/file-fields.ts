/** Fields of images and files that are not columns: URLs, names, computed hashes, and what a share has instead of a column. */

import { Arg, Ctx, FieldResolver, Float, Int, Resolver, Root } from 'type-graphql';
import { badUserInput } from '../graphql/errors.js';
import { extensionOfKey, MissingFileError } from '../storage/storage.js';
import type { AssetsContext } from './context.js';
import { filenameOf } from './filename.js';
import { hashOf } from './hash-of.js';
import { Image } from './image.js';
import { nearestWidth } from './media/thumbnails.js';
import { OutputFile } from './output-file.js';
import type { ImageRow, OutputFileRow } from './result-rows.js';
import type { InShare } from './shares/shared.js';

type ShownImage = ImageRow & Partial<InShare>;
type ShownFile = OutputFileRow & Partial<InShare>;

const URL =
  "A signed, root-relative URL (under the path of PUBLIC_URL, if set), with the file's extension before the query. The URL is the permission: no credential is needed. It stays the same for the day and expires at the end of the next. With `download` a browser saves the file as `filename`. A wrong or expired signature and a deleted file return 404.";
const DOWNLOAD = 'Whether a browser saves the file instead of showing it.';
const FILENAME = 'A file name made from the prompt; browsers use it for URLs with `download`.';
const BYTE_SIZE = 'File size in bytes.';
const HASH = 'SHA-256 of the bytes, in hexadecimal digits.';
const EXPIRES = 'When the URLs expire; a new read returns newer URLs.';

/** In a share, the URL ends with the share. */
function urlOf(
  path: string,
  download: boolean,
  { share }: Partial<InShare>,
  { signedUrls }: Pick<AssetsContext, 'signedUrls'>,
): string {
  const url = share ? `${share.url}${path}` : signedUrls.sign(path);
  if (!download) return url;
  return `${url}${share ? '?' : '&'}download=1`;
}

const expiryOf = ({ share }: Partial<InShare>, { signedUrls }: AssetsContext): Date | string =>
  share?.expiresAt ?? signedUrls.expiresAt();

type Sized = Partial<InShare> & { file: string; byteSize: number };
type Hashed = { file: string; hash: string | null };

/** In a share, of the copy, which is made now. Without a copy its URL is 404, and the size of the owner's file stands for it, as the hash does. */
function byteSizeOf({ share, file, byteSize }: Sized, { strippedFiles }: AssetsContext): Promise<number> | number {
  return share ? strippedFiles.find(file).then((copy) => copy?.byteSize ?? byteSize, ifMissing(byteSize)) : byteSize;
}

const hashOfCopy = ({ file, hash }: Hashed, { strippedFiles }: AssetsContext): Promise<string> =>
  strippedFiles.hash(file).then((found) => found ?? hash ?? '', ifMissing(hash ?? ''));

/** A file that is gone must not take those beside it away. */
const ifMissing =
  <T>(value: T) =>
  (error: unknown): T => {
    if (!(error instanceof MissingFileError)) throw error;
    return value;
  };

@Resolver(() => Image)
export class ImageFields {
  @FieldResolver(() => String, { description: URL })
  url(
    @Root() image: ShownImage,
    @Arg('download', () => Boolean, { defaultValue: false, description: DOWNLOAD }) download: boolean,
    @Ctx() context: AssetsContext,
  ): string {
    return urlOf(`/images/${image.id}${extensionOfKey(image.file)}`, download, image, context);
  }

  @FieldResolver(() => String, {
    description:
      'A signed URL, like `url`, of a small WebP, which is made once: the first frame of an animated image. Its width is the next larger of 192, 384, 768 and 1536 pixels, and at most that of the image. BAD_USER_INPUT for a width below 1.',
  })
  thumbnailUrl(
    @Root() image: ShownImage,
    @Arg('width', () => Int, { defaultValue: 384, description: 'In pixels.' }) width: number,
    @Ctx() context: AssetsContext,
  ): string {
    if (width < 1) throw badUserInput(`width must be at least 1, not ${width}`, 'width');
    return urlOf(`/thumbnails/${image.id}/${nearestWidth(width)}.webp`, false, image, context);
  }

  @FieldResolver(() => Float, { description: BYTE_SIZE })
  byteSize(@Root() image: ShownImage, @Ctx() context: AssetsContext): Promise<number> | number {
    return byteSizeOf(image, context);
  }

  @FieldResolver(() => String, { description: HASH })
  hash(@Root() image: ShownImage, @Ctx() context: AssetsContext): Promise<string> | string {
    if (image.share) return hashOfCopy(image, context);
    return image.hash ?? hashOf(image, context);
  }

  @FieldResolver(() => String, { description: FILENAME })
  filename(@Root() image: ImageRow): string {
    return filenameOf(image);
  }

  @FieldResolver(() => Date, { description: EXPIRES })
  urlExpiresAt(@Root() image: ShownImage, @Ctx() context: AssetsContext): Date | string {
    return expiryOf(image, context);
  }
}

@Resolver(() => OutputFile)
export class FileFields {
  @FieldResolver(() => String, { description: URL })
  url(
    @Root() file: ShownFile,
    @Arg('download', () => Boolean, { defaultValue: false, description: DOWNLOAD }) download: boolean,
    @Ctx() context: AssetsContext,
  ): string {
    return urlOf(`/files/${file.id}${extensionOfKey(file.file)}`, download, file, context);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'A signed URL, like `url`, of a still image of a video: the last preview. Null if there was none.',
  })
  posterUrl(@Root() file: ShownFile, @Ctx() context: AssetsContext): string | null {
    const { id, poster } = file;
    return poster === null ? null : urlOf(`/posters/${id}${extensionOfKey(poster)}`, false, file, context);
  }

  @FieldResolver(() => Float, { description: BYTE_SIZE })
  byteSize(@Root() file: ShownFile, @Ctx() context: AssetsContext): Promise<number> | number {
    return byteSizeOf(file, context);
  }

  @FieldResolver(() => String, { description: HASH })
  hash(@Root() file: ShownFile, @Ctx() context: AssetsContext): Promise<string> | string {
    return file.share ? hashOfCopy(file, context) : file.hash;
  }

  @FieldResolver(() => String, { description: FILENAME })
  filename(@Root() file: OutputFileRow): string {
    return filenameOf(file);
  }

  @FieldResolver(() => Date, { description: EXPIRES })
  urlExpiresAt(@Root() file: ShownFile, @Ctx() context: AssetsContext): Date | string {
    return expiryOf(file, context);
  }
}
