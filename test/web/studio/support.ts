/** The studio in a browser, as its users have it: signed up, in one of its rooms. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openPage, type Visit } from '../visit.js';

export const PASSWORD = 'correct horse battery';
export const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
/** No message at all belongs in the console of the studio. */
const ALL = ['log', 'info', 'warning', 'error', 'debug'];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds by these depends on the theme, and on nothing else. */
const COLOR_RULES = ['color-contrast', 'link-in-text-block'];
const IS_DARK = 'matchMedia("(prefers-color-scheme: dark)").matches';
const LIGHT_FIRST = ['light', 'dark'] as const;
const DARK_FIRST = ['dark', 'light'] as const;

/** Ends all animations that end by themselves: a dialog that fades in has less contrast meanwhile. */
const FINISH = `for (const animation of document.getAnimations())
  if (animation.effect.getComputedTiming().endTime < Infinity) animation.finish()`;

let count = 0;
export const newEmail = (): string => {
  count += 1;
  return `studio-${process.pid}-${count}-${Date.now()}@example.com`;
};

/** Opens the studio as somebody who never saw it. */
export async function visitStudio(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const visit = await openPage(browser, url, { faultTypes: ALL, locale: 'en-GB', ...options });
  await visit.page.goto(`${url}/`);
  return visit;
}

/** Opens the studio with a new account, or signs in to `email`. */
export async function enterStudio(
  browser: Browser,
  url: string,
  { email, ...options }: BrowserContextOptions & { email?: string } = {},
): Promise<Visit> {
  const visit = await visitStudio(browser, url, options);
  const { page } = visit;
  if (email) await page.getByRole('button', { name: 'Have an account? Sign in' }).click();
  await page.getByLabel('Email').fill(email ?? newEmail());
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: email ? 'Sign in' : 'Create an account', exact: true }).click();
  await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
  await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
  return visit;
}

/** Opens a room of the page by its link. */
export const openRoom = (page: Page, name: 'Create' | 'History' | 'Workflows' | 'Admin' | 'Account'): Promise<void> =>
  page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name }).click();

/** @returns what axe finds wrong with what the page shows now, in either theme, as `rule: element` */
export async function violations(page: Page): Promise<string[]> {
  const found = await audit(page);
  const [theme, other] = (await page.evaluate<boolean>(IS_DARK)) ? DARK_FIRST : LIGHT_FIRST;
  if (await page.evaluate<boolean>('"theme" in document.documentElement.dataset')) return found;
  await page.emulateMedia({ colorScheme: other });
  const inOther = await audit(page, COLOR_RULES);
  await page.emulateMedia({ colorScheme: theme });
  return [...found, ...inOther.map((violation) => `in the ${other} theme, ${violation}`)];
}

/** The same in the theme that the page has. @param rules all if left out */
export async function audit(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(FINISH);
  // Not a script element: the policy of the page forbids it.
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(AXE);
  const options = JSON.stringify(rules ? { runOnly: rules } : {});
  const results = await page.evaluate<AxeResults>(`axe.run(document, ${options})`);
  return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** Waits until screen readers are told this. */
export const said = (page: Page, text: string | RegExp): Promise<void> =>
  page.locator('[role="status"][aria-live="polite"]').getByText(text).first().waitFor({ state: 'attached' });
