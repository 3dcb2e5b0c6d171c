/** The page of a share: its pictures, films, sounds, files and texts, and what they were made from. */

import type { Response } from 'express';
import { filenameOf } from '../../../assets/filename.js';
import type { Shared } from '../../../assets/shares/shared.js';
import { extensionOfKey } from '../../../storage/storage.js';
import { sendPage } from '../documents/document.js';
import { Html, html } from '../documents/html.js';
import { describe } from './link-preview.js';
import { saveLink, sizeOf } from './parts.js';
import { pictureOf, placeholderOf } from './picture.js';

const MAX_TITLE = 120;

/** @param origin of the server, such as `https://pictures.example.com` */
export function sendShared(response: Response, shared: Shared, origin: string): void {
  const { prompt, modelName, images, files, texts, problems, createdAt, expiresAt } = shared;
  const title = titleOf(shared);
  const works = [
    ...images.map((image, index) => pictureOf(image, nameOf(title, index, images.length), images.length > 1)),
    ...files.map((file) => fileOf(file)),
  ];
  const isWhole = title === oneLine(prompt) || prompt === '';
  sendPage(response, 200, {
    title,
    head: describe(shared, title, origin),
    style: images.map(placeholderOf).join(''),
    body: html`
      <div class="works${images.length > 1 && ' many'}">${works}</div>
      <div class="about">
        <h1>${title}</h1>
        <p>${modelName && html`Made with ${modelName}, `}${dateOf(createdAt)}</p>
        ${!isWhole && html`<details><summary>The whole prompt</summary><p class="prompt">${prompt}</p></details>`}
      </div>
      ${problems.length > 0 && html`<div class="card about">${problems.map((problem) => html`<p>${problem}.</p>`)}</div>`}
      ${texts.map(({ text }) => html`<pre class="card about">${text}</pre>`)}`,
    footer: expiresAt === null ? html`` : html`<span>This link works until ${dateOf(expiresAt)}</span>`,
  });
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** Without a prompt, what there is to see or hear. */
const NAMES: Partial<Record<Shared['files'][number]['kind'] | 'IMAGE' | 'TEXT', string>> = {
  IMAGE: 'picture',
  VIDEO: 'video',
  AUDIO: 'sound',
  MODEL_3D: '3D model',
  TEXT: 'text',
};

function titleOf({ prompt, images, files: [file], texts }: Shared): string {
  const text = oneLine(prompt);
  const kind = images.length > 0 ? 'IMAGE' : (file?.kind ?? (texts.length > 0 ? 'TEXT' : undefined));
  if (text === '') return `A shared ${(kind && NAMES[kind]) ?? 'file'}`;
  const letters = [...text];
  return letters.length > MAX_TITLE ? `${letters.slice(0, MAX_TITLE).join('').trimEnd()}…` : text;
}

const nameOf = (title: string, index: number, count: number): string =>
  count > 1 ? `${title} (${index + 1} of ${count})` : title;

/** The day in UTC, in words. */
function dateOf(time: string): Html {
  const date = new Date(time);
  const words = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  return html`<time datetime="${date.toISOString()}">${words}</time>`;
}

function fileOf(file: Shared['files'][number]): Html {
  const { id, file: key, kind, width, height, poster, byteSize, share } = file;
  const name = filenameOf(file);
  const url = `${share.url}/files/${id}${extensionOfKey(key)}`;
  const still = poster && `${share.url}/posters/${id}${extensionOfKey(poster)}`;
  const caption = html`<figcaption><span>${sizeOf(byteSize)}</span>${saveLink(url, name)}</figcaption>`;
  if (kind === 'VIDEO')
    return html`<figure>
      <video controls loop playsinline preload="metadata" src="${url}" aria-label="${name}"
        ${still && html`poster="${still}"`} ${width && html`width="${width}"`} ${height && html`height="${height}"`}></video>
      ${caption}</figure>`;
  const player =
    kind === 'AUDIO' && html`<audio controls preload="metadata" src="${url}" aria-label="${name}"></audio>`;
  return html`<figure><div class="card"><strong>${name}</strong>${player}</div>${caption}</figure>`;
}
