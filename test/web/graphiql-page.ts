/** The GraphiQL page as a visitor uses it: choose a tab, press play, read the result. Records errors meanwhile. */
import type { Browser } from 'playwright-core';
import { until } from '../support/until.js';
import { openPage, type Visit } from './visit.js';

export type GraphiqlPage = Visit & {
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

export async function openGraphiql(browser: Browser, url: string, options: Options = {}): Promise<GraphiqlPage> {
  const visit = await openPage(browser, url, { colorScheme: 'light', ...options });
  const { page } = visit;

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

  await page.goto(`${url}/graphiql`);
  await page.locator(PLAY_MENU).waitFor();

  return {
    ...visit,
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
  };
}
