/** What the parts of the page have in common. */
import { type Html, html } from '../documents/html.js';

const KILOBYTE = 1_000;
const MEGABYTE = 1_000_000;

export const saveLink = (url: string, name: string): Html =>
  html`<a class="save" href="${url}?download=1" download="${name}" aria-label="Download ${name}">Download</a>`;

/** @returns such as `747 kB`, in the units of the studio */
export function sizeOf(bytes: number): string {
  if (bytes < KILOBYTE) return `${bytes} bytes`;
  if (bytes < MEGABYTE) return `${Math.round(bytes / KILOBYTE)} kB`;
  return `${(bytes / MEGABYTE).toFixed(1)} MB`;
}
