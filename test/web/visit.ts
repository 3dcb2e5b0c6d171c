/** A page of this server in a browser, as a visitor has it. Records faults meanwhile. */
import type { Browser, BrowserContextOptions, ConsoleMessage, Page } from 'playwright-core';

export type Visit = {
  page: Page;
  /** Messages in the console, and errors of scripts. */
  faults: string[];
  /** Blocked requests to other hosts. */
  foreignUrls: string[];
  /** How many WebSockets the page has opened. */
  sockets(): number;
  close(): Promise<void>;
};

type Options = BrowserContextOptions & {
  /** Lets the test advance the clock of the page. */
  hasOwnClock?: boolean;
  /** Console messages of these types are faults. */
  faultTypes?: string[];
};

/** A browser is slow on a busy machine. */
const PATIENCE_MS = 100_000;

/** A file may be deleted, by this page or another client, while the browser requests it: no page can know that. */
const isOfGoneFile = (message: ConsoleMessage): boolean =>
  message.text().includes('status of 404') && /\/(images|thumbnails|files|previews)\//.test(message.location().url);

/** Opens a page with storage of its own, which shows nothing yet. @param url of the server */
export async function openPage(
  browser: Browser,
  url: string,
  { hasOwnClock = false, faultTypes = ['error', 'warning'], ...options }: Options = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const faults: string[] = [];
  const foreignUrls: string[] = [];
  let sockets = 0;
  const isForeign = (address: string) => /^(http|ws)/.test(address) && new URL(address).host !== new URL(url).host;

  context.on('request', (request) => {
    if (isForeign(request.url())) foreignUrls.push(request.url());
  });
  page.on('websocket', (socket) => {
    sockets += 1;
    if (isForeign(socket.url())) foreignUrls.push(socket.url());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (faultTypes.includes(message.type()) && !isOfGoneFile(message)) faults.push(message.text());
  });
  if (hasOwnClock) await page.clock.install();
  return { page, faults, foreignUrls, sockets: () => sockets, close: () => context.close() };
}
