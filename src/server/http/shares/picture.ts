/** A picture of a share: a size that fits the screen, over a blur until it has arrived. */

import { thumbHashToDataURL } from 'thumbhash';
import { filenameOf } from '../../../assets/filename.js';
import { THUMBNAIL_WIDTHS } from '../../../assets/media/thumbnails.js';
import type { Shared } from '../../../assets/shares/shared.js';
import { extensionOfKey } from '../../../storage/storage.js';
import { type Html, html } from '../documents/html.js';
import { saveLink, sizeOf } from './parts.js';

type Picture = Shared['images'][number];

/** The smallest is for lists. */
const WIDTHS = THUMBNAIL_WIDTHS.filter((width) => width >= 384);

export const imageUrl = ({ id, file, share }: Picture): string => `${share.url}/images/${id}${extensionOfKey(file)}`;

export const thumbnailUrl = ({ id, share }: Picture, width: number): string =>
  `${share.url}/thumbnails/${id}/${width}.webp`;

/** The widths that differ: a picture is never enlarged. */
export const widthsOf = ({ width }: Picture): number[] =>
  WIDTHS.filter((_, index) => index === 0 || (WIDTHS[index - 1] ?? 0) < width);

export function pictureOf(image: Picture, name: string, isOneOfMany: boolean): Html {
  const { id, width, height, isAnimated, byteSize } = image;
  const url = imageUrl(image);
  const sources = widthsOf(image).map((each) => `${thumbnailUrl(image, each)} ${Math.min(each, width)}w`);
  // Thumbnails do not move.
  const src = isAnimated
    ? html`src="${url}"`
    : html`src="${thumbnailUrl(image, widthsOf(image).at(-1) ?? 0)}" srcset="${sources.join(', ')}"
        sizes="${isOneOfMany ? '(min-width: 48rem) min(37rem, 50vw), 100vw' : 'min(76rem, 100vw)'}"`;
  return html`<figure id="p${id}">
    <a class="frame" href="${url}" aria-label="${name}: the whole picture"><img ${src} alt="${name}"
      width="${width}" height="${height}" /></a>
    <figcaption><span>${width} × ${height}, ${sizeOf(byteSize)}</span>${saveLink(url, filenameOf(image))}</figcaption>
  </figure>`;
}

/** The picture and its caption fit on the screen. */
export function placeholderOf({ id, width, height, thumbHash }: Picture): string {
  const blur =
    thumbHash === null ? '' : `background-image:url(${thumbHashToDataURL(Buffer.from(thumbHash, 'base64'))});`;
  const ratio = (width / height).toFixed(4);
  return `#p${id}{max-width:min(max(${width}px,24rem),calc(74vh * ${ratio}))}#p${id} .frame{${blur}aspect-ratio:${width}/${height}}`;
}
