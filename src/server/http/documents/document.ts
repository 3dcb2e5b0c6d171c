/** The frame of the pages that are not of the studio: head, style and footer. They need no script, and nothing of other hosts. */
import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import { Html, html } from './html.js';
import { STYLE } from './style.js';

const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#6b3fd4"/><path d="M9 22 15.5 9.5 23 20.5Z" fill="none" stroke="#fff" stroke-width="2"/><g fill="#fff"><circle cx="9" cy="22" r="3.5"/><circle cx="15.5" cy="9.5" r="3.5"/><circle cx="23" cy="20.5" r="3.5"/></g></svg>',
)}`;

export type Page = {
  title: string;
  /** More elements of the head. */
  head?: Html[];
  /** More rules of the style. */
  style?: string;
  body: Html;
  footer?: Html;
};

/** No search engine keeps it, and no cache answers without asking this server. */
export const UNLISTED_HEADERS = {
  'X-Robots-Tag': 'noindex, nofollow, noarchive',
  'Cache-Control': 'private, no-cache',
};

export function sendPage(
  response: Response,
  status: number,
  { title, head = [], style = '', body, footer }: Page,
): void {
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    "default-src 'none'",
    "img-src 'self' data:",
    "media-src 'self'",
    `style-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  const page = html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="robots" content="noindex, nofollow, noarchive" />
    <title>${title}</title>
    <link rel="icon" href="${ICON}" />
    ${head}
    <style nonce="${nonce}">${new Html(STYLE + style)}</style>
  </head>
  <body>
    <main>${body}</main>
    <footer><span><img src="${ICON}" alt="" width="20" height="20" />ComfyGraph</span>${footer}</footer>
  </body>
</html>
`;
  response
    .status(status)
    .set({ ...UNLISTED_HEADERS, 'Content-Security-Policy': policy.join('; ') })
    .type('html')
    .send(page.text);
}
