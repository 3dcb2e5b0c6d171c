/** The studio in a browser, with a user's whole history loaded. */
import { chromium } from 'playwright-core';
import { BROWSER_FLAGS, findBrowser } from '../../../scripts/browser.mjs';
import { PASSWORD } from '../api.mjs';
import { closeAtEnd } from '../process/closers.mjs';

/** @param count how many generations the user has */
export async function openStudio(url, { email }, count) {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error('no Chromium: install one, or set CHROMIUM_PATH');
  const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
  const close = closeAtEnd(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  await page.goto(url);
  await page.getByRole('button', { name: 'Have an account? Sign in' }).click();
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'History' }).click();
  const last = page.locator(`li[aria-posinset="${count}"]`);
  while ((await last.count()) === 0) {
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    await page.waitForTimeout(30);
  }
  await page.evaluate('scrollTo(0, 0)');
  return { page, close };
}
