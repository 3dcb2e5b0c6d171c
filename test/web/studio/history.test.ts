/**
 * The gallery of the history: what it shows, finds and selects, and how it follows changes.
 *
 * @slow: starts a browser.
 */
import type { Browser, Page } from 'playwright-core';
import { startTestApp, type TestApp } from '../../support/app.js';
import { launchBrowser } from '../../support/browser.js';
import { until } from '../../support/until.js';
import type { Visit } from '../visit.js';
import { addEnded, complete, create, type Owner, openHistory, owner, shownPrompts, tile } from './history-support.js';
import { openRoom, PHONE, violations } from './support.js';

let app: TestApp;
let browser: Browser;
let user: Owner;
let visit: Visit;
let page: Page;
beforeAll(async () => {
  [app, browser] = await Promise.all([startTestApp(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
beforeEach(async () => {
  user = await owner(app);
});
afterEach(async () => {
  expect([visit.faults, visit.foreignUrls]).toEqual([[], []]);
  await visit.close();
});

async function open(options = {}): Promise<void> {
  visit = await openHistory(browser, app, user, options);
  page = visit.page;
}
/** In pixels; a fraction may be rounded either way. */
const top = async (prompt: string) => Math.round((await tile(page, prompt).boundingBox())?.y ?? Number.NaN);
/** Waits until an entry is where it was: the page scrolls after it has changed. */
const isAt = (prompt: string, before: number) =>
  until(async () => Math.abs((await top(prompt)) - before) < 2, `${prompt} to be where it was`);
const scrollTo = async (prompt: string) => {
  await until(async () => {
    await page.mouse.wheel(0, 600);
    return await tile(page, prompt).isVisible();
  }, `${prompt} is visible`);
  // The gallery has rows beyond the window, too, and a click would scroll to them.
  await tile(page, prompt).scrollIntoViewIfNeeded();
  let [last, now] = [Number.NaN, await top(prompt)];
  await until(async () => {
    [last, now] = [now, await top(prompt)];
    return last === now;
  }, 'the page to stand still');
};

describe('the gallery', () => {
  test('shows all generations, page by page', async () => {
    await addEnded(app, user.id, 120);
    await complete(user, ['a red fox']);
    await open();
    await page.getByText('121 generations').waitFor();
    await tile(page, 'a red fox').waitFor();
    expect(await violations(page)).toEqual([]);
    await scrollTo('entry 1');
    expect(await page.getByRole('listitem').count()).toBeLessThan(100);
  });

  test('of a new user says how to begin', async () => {
    await open();
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Make the first picture' }).click();
    await page.getByRole('heading', { name: 'Create', level: 1 }).waitFor();
  });

  test('that cannot be read says so, and is read again', async () => {
    await addEnded(app, user.id, 2);
    await open();
    await openRoom(page, 'Account');
    let isBroken = true;
    await page.route('**/graphql', (route) =>
      isBroken && route.request().postData()?.includes('generations(')
        ? route.fulfill({ json: { data: null, errors: [{ message: 'Broken', extensions: { code: 'BROKEN' } }] } })
        : route.fallback(),
    );
    await page.reload();
    await openRoom(page, 'Create');
    await page.getByText('Your generations could not be read.').waitFor();
    expect(await violations(page)).toEqual([]);
    await openRoom(page, 'History');
    const problem = page.getByRole('main').getByRole('alert');
    await problem.getByText('Broken').waitFor();
    expect(await violations(page)).toEqual([]);
    isBroken = false;
    await problem.getByRole('button').click();
    await tile(page, 'entry 2').waitFor();
  });

  test('is where it was after the viewer and other rooms', async () => {
    await addEnded(app, user.id, 120);
    await open();
    await scrollTo('entry 30');
    const before = await top('entry 30');
    await tile(page, 'entry 30').click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await isAt('entry 30', before);
    await openRoom(page, 'Workflows');
    await page.getByRole('heading', { name: 'Workflows', level: 1 }).waitFor();
    await openRoom(page, 'History');
    await tile(page, 'entry 30').waitFor();
    await isAt('entry 30', before);
  });
});

describe('filters', () => {
  test('find by words and status, survive a reload, and can be cleared', async () => {
    await addEnded(app, user.id, 30);
    await open();
    await page.getByRole('searchbox', { name: 'Search prompts' }).fill('entry 1');
    await page.getByText('11 generations').waitFor();
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByLabel('Status').selectOption('Canceled');
    await page.getByText('1 generation', { exact: true }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Show 1 generation' }).click();
    await page.reload();
    await page.getByText('1 generation', { exact: true }).waitFor();
    await tile(page, 'entry 10').waitFor();
    await page.getByRole('button', { name: 'Only favourites' }).click();
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('main').getByRole('button', { name: 'Clear filters' }).last().click();
    await page.getByText('30 generations').waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
  });

  test('by kind of output show only such generations, new ones as soon as they are complete', async () => {
    await complete(user, ['a red fox']);
    await open();
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByLabel('Kind', { exact: true }).selectOption('Videos');
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    await page.getByLabel('Kind', { exact: true }).selectOption('Pictures');
    await tile(page, 'a red fox').waitFor();
    await complete(user, ['a blue fox']);
    await tile(page, 'a blue fox').waitFor();
    expect(await shownPrompts(page, 3)).toEqual(['a blue fox', 'a red fox']);
  });

  test('follow what other clients change', async () => {
    await addEnded(app, user.id, 3);
    await open();
    await page.getByRole('button', { name: 'Only favourites' }).click();
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    const { data } = await user.ask('{ generations { nodes { id prompt } } }');
    const second = data.generations.nodes[1].id;
    const favorite = 'mutation ($id: ID!, $is: Boolean!) { favoriteGeneration(id: $id, isFavorite: $is) { id } }';
    await user.ask(favorite, { id: second, is: true });
    await page.getByRole('link', { name: /^entry 2, .*favourite/ }).waitFor();
    await user.ask(favorite, { id: second, is: false });
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
  });
});

describe('changes by other clients', () => {
  test('do not move what the user sees, further down', async () => {
    await addEnded(app, user.id, 120);
    const { data } = await user.ask('{ generations(first: 3) { nodes { id } } }');
    await open();
    await scrollTo('entry 60');
    const before = await top('entry 60');
    await create(user, ['one', 'two']);
    await page.getByText('122 generations').waitFor();
    await isAt('entry 60', before);
    await user.ask('mutation ($ids: [ID!]!) { deleteGenerations(ids: $ids) { generationId } }', {
      ids: data.generations.nodes.map(({ id }: { id: string }) => id),
    });
    await page.getByText('119 generations').waitFor();
    await isAt('entry 60', before);
    await page.evaluate('scrollTo(0, 0)');
    await tile(page, 'two').waitFor();
    expect(await shownPrompts(page, 3)).toEqual(['two', 'one', 'entry 117']);
  });

  test('lose and repeat nothing where pages meet', async () => {
    await addEnded(app, user.id, 120);
    const { data } = await user.ask('{ generations(first: 60) { nodes { id prompt } } }');
    await open();
    await scrollTo('entry 1');
    const idOf = (prompt: string) =>
      data.generations.nodes.find((node: { prompt: string }) => node.prompt === prompt).id;
    // The last of the first page, and the first of the second.
    const ids = ['entry 71', 'entry 70'].map(idOf);
    await user.ask('mutation ($ids: [ID!]!) { deleteGenerations(ids: $ids) { generationId } }', { ids });
    await page.getByText('118 generations').waitFor();
    await page.evaluate('scrollTo(0, 0)');
    await tile(page, 'entry 120').waitFor();
    await scrollTo('entry 72');
    const all = await shownPrompts(page, 200);
    const at = all.indexOf('entry 72');
    await until(async () => (await shownPrompts(page, 200)).includes('entry 69'), 'entry 69 is shown');
    expect((await shownPrompts(page, 200)).slice(at, at + 2)).toEqual(['entry 72', 'entry 69']);
  });

  test('appear at the end of a list that begins with the oldest', async () => {
    await addEnded(app, user.id, 5);
    await open();
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByLabel('Order').selectOption('Oldest first');
    await page.keyboard.press('Escape');
    await until(async () => (await shownPrompts(page, 1))[0] === 'entry 1', 'the oldest is first');
    await create(user, ['the newest']);
    await tile(page, 'the newest').waitFor();
    expect((await shownPrompts(page, 6)).at(-1)).toBe('the newest');
  });
});

describe('a selection', () => {
  test('is made, deleted and brought back by the keyboard alone', async () => {
    await addEnded(app, user.id, 8);
    await open();
    await tile(page, 'entry 8').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowRight');
    await page.getByRole('toolbar', { name: 'Selection' }).getByText('2 selected').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Delete');
    await tile(page, 'entry 7').waitFor({ state: 'detached' });
    await page.getByText('6 generations').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await tile(page, 'entry 7').waitFor();
    await page.keyboard.press('Control+a');
    await page.getByRole('toolbar', { name: 'Selection' }).getByText('8 selected').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('searchbox').waitFor();
  });

  test('on a phone begins with a long press', async () => {
    await addEnded(app, user.id, 4);
    await open(PHONE);
    await tile(page, 'entry 3').dispatchEvent('pointerdown', { pointerType: 'touch', button: 0, bubbles: true });
    const toolbar = page.getByRole('toolbar', { name: 'Selection' });
    await toolbar.getByText('1 selected').waitFor();
    await tile(page, 'entry 3').dispatchEvent('pointerup', { pointerType: 'touch', bubbles: true });
    await tile(page, 'entry 1').tap();
    await toolbar.getByText('2 selected').waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test('is marked, and downloaded one file after the other', async () => {
    await complete(user, ['a fox', 'a hare']);
    await open();
    await tile(page, 'a fox').waitFor();
    await page.getByRole('button', { name: 'Select several' }).click();
    await tile(page, 'a fox').click();
    await tile(page, 'a hare').click();
    await page.getByRole('button', { name: 'Mark as favourites' }).click();
    await page.getByRole('link', { name: /^a fox, favourite/ }).waitFor();
    await page.getByRole('link', { name: /^a hare, favourite/ }).waitFor();
    await tile(page, 'a hare').hover();
    await page
      .getByRole('button', { name: /^Favourite: a hare/ })
      .and(page.locator('[aria-pressed=true]'))
      .click();
    await page.getByRole('link', { name: /^a hare, favourite/ }).waitFor({ state: 'detached' });
    const downloads: string[] = [];
    page.on('download', (download) => downloads.push(download.suggestedFilename()));
    await page.getByRole('button', { name: 'Download' }).click();
    await until(() => downloads.length === 2, 'two files are saved');
    expect(downloads.sort()).toEqual([expect.stringMatching(/^a-fox.*png$/), expect.stringMatching(/^a-hare.*png$/)]);
  });
});
