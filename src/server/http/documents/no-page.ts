/** The page for an address that leads nowhere. */
import type { Response } from 'express';
import { sendPage } from './document.js';
import { html } from './html.js';

/** @param home the address of the studio */
export const sendNoPage = (response: Response, home: string): void =>
  sendPage(response, 404, {
    title: 'There is no such page',
    body: html`<div class="missing">
      <h1>There is no such page</h1>
      <p>The address may be mistyped. <a href="${home}">Go to the studio</a></p>
    </div>`,
  });
