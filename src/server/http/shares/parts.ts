/** What the parts of the page have in common. */
import { type Html, html } from './html.js';

const MEBIBYTE = 1024 ** 2;

export const saveLink = (url: string, name: string): Html =>
  html`<a class="save" href="${url}?download=1" download="${name}" aria-label="Download ${name}">Download</a>`;

export const sizeOf = (bytes: number): string =>
  bytes < MEBIBYTE / 10 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / MEBIBYTE).toFixed(1)} MB`;
