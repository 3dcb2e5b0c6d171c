/** The GraphiQL page as a visitor uses it: choose a tab, press play, read the result. Records errors meanwhile. */
import type { Browser, Page } from 'playwright-core';
import { until } from '../support/until.js';

export type GraphiqlPage = {
  page: Page;
  /** Errors in the console and in scripts, including failed requests that the browser logs. */
  faults: string[];
  /** Blocked requests to other hosts. */
  foreignUrls: string[];
  /** How many WebSockets the page has opened. */
  sockets(): number;
  /** Chooses the tab with this title. */
  tab(title: string): Promise<void>;
  /** Presses play; `operation` is chosen from the menu of a document with several operations. */
  run(operation?: string): Promise<void>;
  /** Stores tokens where the page keeps those of the last sign-in; omitted ones stay. */
  remember(tokens: { token?: string | undefined; refreshToken?: string }): Promise<void>;
  /** Replaces the text of the Headers pane. */
  writeHeaders(json: string): Promise<void>;
  /** Waits for a result that contains `part`. @returns the whole result */
  result(part: string): Promise<string>;
  close(): Promise<void>;
};

type Options = {
  colorScheme?: 'light' | 'dark';
  /** Lets the test advance the clock of the page. */
  hasOwnClock?: boolean;
};
/** GraphiQL exposes the texts of its editors; the screen shows only the visible lines. */
type Monaco = {
  editor: { getModels(): { uri: { path: string }; getValue(): string; setValue(text: string): void }[] };
};

const PLAY = '.graphiql-execute-button';
/**
 * Play is a menu if a document has several operations. GraphiQL reads a tab's document 100 ms after showing it, so wait for the right kind
 * of button, and do not switch directly between two tabs with a single operation.
 */
const PLAY_MENU = `${PLAY}[aria-haspopup="menu"]`;

export async function openGraphiql(
  browser: Browser,
  url: string,
  { colorScheme = 'light', hasOwnClock = false }: Options = {},
): Promise<GraphiqlPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme });
  const page = await context.newPage();
  const faults: string[] = [];
  const foreignUrls: string[] = [];
  let sockets = 0;
  const isForeign = (address: string) => /^(http|ws)/.test(address) && new URL(address).host !== new URL(url).host;

  await context.route('**/*', (route) => {
    const address = route.request().url();
    if (!isForeign(address)) return route.continue();
    foreignUrls.push(address);
    return route.abort();
  });
  page.on('websocket', (socket) => {
    sockets += 1;
    if (isForeign(socket.url())) foreignUrls.push(socket.url());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });

  /** @returns the previous text of the editor */
  const edit = (name: 'response' | 'request-headers', text?: string) =>
    page.evaluate(
      ([name, text]) => {
        const { __MONACO } = globalThis as typeof globalThis & { __MONACO: Monaco };
        const model = __MONACO.editor.getModels().find(({ uri }) => uri.path.endsWith(`${name}.json`));
        const before = model?.getValue() ?? '';
        if (text !== undefined) model?.setValue(text);
        return before;
      },
      [name, text] as const,
    );

  if (hasOwnClock) await page.clock.install();
  await page.goto(`${url}/graphiql`);
  await page.locator(PLAY_MENU).waitFor();

  return {
    page,
    faults,
    foreignUrls,
    sockets: () => sockets,
    async tab(title) {
      await page.getByRole('tab', { name: title }).click();
    },
    async run(operation) {
      await page.locator(operation ? PLAY_MENU : `${PLAY}:not([aria-haspopup])`).click();
      if (operation) await page.getByRole('menuitem', { name: operation, exact: true }).click();
    },
    async remember({ token, refreshToken }) {
      for (const [name, value] of Object.entries({ accessToken: token, refreshToken }))
        if (value) await page.evaluate(`sessionStorage.setItem('comfygraph:${name}', '${value}')`);
    },
    async writeHeaders(json) {
      await edit('request-headers', json);
    },
    async result(part) {
      let last = '';
      return until(async () => {
        last = await edit('response');
        return last.includes(part) && last;
      }, `a result with ${part}`).catch((error: Error) => {
        throw new Error(`${error.message}; it was ${last}`);
      });
    },
    close: () => context.close(),
  };
}
