/** The GraphiQL page as a visitor uses it: choose a tab, press play, read the result. Notes whatever goes wrong meanwhile. */
import type { Browser, Page } from 'playwright-core';
import { until } from '../support/until.js';

export type GraphiqlPage = {
  page: Page;
  /** Errors of the console and of scripts; refused requests that the browser lists there among them. */
  faults: string[];
  /** URLs of other hosts that the page asked for. They were blocked. */
  strangers: string[];
  /** How many WebSockets were opened until now. */
  sockets(): number;
  /** Chooses the tab with this title. */
  tab(title: string): Promise<void>;
  /** Presses play; `operation` chooses from the menu of a document that has several. */
  run(operation?: string): Promise<void>;
  /** Puts tokens where the page keeps those of the last sign-in; what is left out stays. */
  remember(tokens: { token?: string | undefined; refreshToken?: string }): Promise<void>;
  /** Replaces what the Headers pane says. */
  writeHeaders(json: string): Promise<void>;
  /** Waits for a result that contains this, and answers the whole. */
  result(part: string): Promise<string>;
  close(): Promise<void>;
};

type Options = {
  colorScheme?: 'light' | 'dark';
  /** The test may put the clock of the page forward. */
  hasOwnClock?: boolean;
};
/** The texts in GraphiQL's editors, as GraphiQL itself lays them open; the screen shows but the lines that fit. */
type Monaco = {
  editor: { getModels(): { uri: { path: string }; getValue(): string; setValue(text: string): void }[] };
};

const PLAY = '.graphiql-execute-button';
/**
 * Play is a menu where a document has several operations. GraphiQL reads a tab's document a tenth of a second after showing it, so
 * look for the button of the right kind, and do not go straight from one tab with a single operation to the next.
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
  const strangers: string[] = [];
  let sockets = 0;
  const isStrange = (address: string) => /^(http|ws)/.test(address) && new URL(address).host !== new URL(url).host;

  await context.route('**/*', (route) => {
    const address = route.request().url();
    if (!isStrange(address)) return route.continue();
    strangers.push(address);
    return route.abort();
  });
  page.on('websocket', (socket) => {
    sockets += 1;
    if (isStrange(socket.url())) strangers.push(socket.url());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });

  /** @returns what the editor of this name held before. */
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
    strangers,
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
