/** In place of the page of a link that does not work. */
import type { Response } from 'express';
import { sendPage } from '../documents/document.js';
import { html } from '../documents/html.js';

export const sendMissing = (response: Response): void =>
  sendPage(response, 404, {
    title: 'This link does not work',
    body: html`<div class="missing">
      <h1>This link does not work</h1>
      <p>It may have expired, or the person who shared it has taken it back. Ask them for a new one.</p>
    </div>`,
  });
