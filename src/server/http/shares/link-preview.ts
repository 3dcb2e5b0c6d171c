/** What messengers and social networks show of a link: Open Graph and Twitter's tags. */

import type { Shared } from '../../../assets/shares/shared.js';
import { extensionOfKey } from '../../../storage/storage.js';
import { type Html, html } from '../documents/html.js';
import { thumbnailUrl, widthsOf } from './picture.js';

type Tags = [property: string, content: string | number | null | undefined][];

/** URLs of link previews are absolute. */
export function describe({ images, files, modelName }: Shared, title: string, origin: string): Html[] {
  const [image] = images;
  const video = files.find(({ kind }) => kind === 'VIDEO');
  const sound = files.find(({ kind }) => kind === 'AUDIO');
  const tags: Tags = [
    ['og:site_name', 'ComfyGraph'],
    ['og:title', title],
    ['og:description', modelName ? `Made with ${modelName}` : 'Made with ComfyUI'],
    ['og:type', video ? 'video.other' : 'website'],
    ...(image ? ofImage(image, title, origin) : []),
    ...(video ? ofVideo(video, !image, origin) : []),
    ...(sound ? ofFile('audio', sound, origin) : []),
  ];
  const card = image || video?.poster ? 'summary_large_image' : 'summary';
  return [
    html`<meta name="twitter:card" content="${card}" />`,
    html`<meta name="description" content="${title}" />`,
    ...tags
      .filter(([, content]) => content != null)
      .map(([property, content]) => html`<meta property="${property}" content="${content}" />`),
  ];
}

function ofImage(image: Shared['images'][number], title: string, origin: string): Tags {
  const size = widthsOf(image).at(-1) ?? 0;
  const width = Math.min(size, image.width);
  return [
    ['og:image', origin + thumbnailUrl(image, size)],
    ['og:image:type', 'image/webp'],
    ['og:image:width', width],
    ['og:image:height', Math.round((image.height * width) / image.width)],
    ['og:image:alt', title],
  ];
}

function ofVideo(video: Shared['files'][number], withPoster: boolean, origin: string): Tags {
  const { id, poster, share, width, height } = video;
  const still: Tags =
    withPoster && poster ? [['og:image', `${origin}${share.url}/posters/${id}${extensionOfKey(poster)}`]] : [];
  return [...still, ...ofFile('video', video, origin), ['og:video:width', width], ['og:video:height', height]];
}

function ofFile(kind: 'video' | 'audio', file: Shared['files'][number], origin: string): Tags {
  return [
    [`og:${kind}`, `${origin}${file.share.url}/files/${file.id}${extensionOfKey(file.file)}`],
    [`og:${kind}:type`, file.contentType],
  ];
}
