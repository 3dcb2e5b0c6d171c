/** A user with a history, and the history room in a browser. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import type { Visit } from '../visit.js';
import { enterStudio, openRoom } from './support.js';

export type Owner = Client & { id: string; email: string };

export const owner = (app: TestApp): Promise<Owner> => signUp(app.url);

/** Adds ended generations, `entry 1` to `entry <count>`, the last of them the newest. */
export async function addEnded({ database }: TestApp, userId: string, count: number): Promise<void> {
  await database.query(
    `insert into generations (id, user_id, status, waiting, prompt, negative_prompt, workflow_name, workflow_version, seed,
       parameters, created_at, completed_at)
     select gen_random_uuid(), $1, (case n % 10 when 0 then 'CANCELED' else 'FAILED' end)::text, false, 'entry ' || n, '',
       'text-to-image', 1, n, '{}', at, at
     from generate_series(1, $2::int) n, lateral (select now() - ($2 - n + 1) * interval '1 minute' as at) t`,
    [userId, count],
  );
}

/** @returns the ids of new generations, in the order of the prompts */
export async function create(user: Client, prompts: string[], input: object = {}): Promise<string[]> {
  const ids: string[] = [];
  for (const prompt of prompts) {
    const { data, errors } = await user.ask(
      'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }',
      { input: { prompt, steps: 1, width: 64, height: 64, ...input } },
    );
    if (errors) throw new Error(JSON.stringify(errors));
    ids.push(data.createGeneration.id);
  }
  return ids;
}

/** Creates generations, and waits until they are complete. */
export async function complete(user: Client, prompts: string[], input: object = {}): Promise<string[]> {
  const ids = await create(user, prompts, input);
  for (const id of ids) await until(async () => (await statusOf(user, id)) === 'COMPLETED', `${id} is complete`);
  return ids;
}

export async function statusOf(user: Client, id: string): Promise<string | undefined> {
  const { data } = await user.ask('query ($id: ID!) { generation(id: $id) { status } }', { id });
  return data?.generation?.status;
}

export async function openHistory(
  browser: Browser,
  app: TestApp,
  { email }: Owner,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const visit = await enterStudio(browser, app.url, { email, ...options });
  await openRoom(visit.page, 'History');
  await visit.page.getByRole('heading', { name: 'History', level: 1 }).waitFor();
  return visit;
}

/** The link of a generation in the gallery. */
export const tile = (page: Page, prompt: string) =>
  page.getByRole('list', { name: 'Generations' }).getByRole('link', { name: new RegExp(`^${prompt}(,|$)`) });

/** The prompts of the gallery's first entries. */
export const shownPrompts = async (page: Page, count: number): Promise<string[]> => {
  const names = await page
    .getByRole('list', { name: 'Generations' })
    .getByRole('link')
    .evaluateAll((links: { getAttribute(name: string): string | null }[]) =>
      links.map((link) => link.getAttribute('aria-label') ?? ''),
    );
  return names.slice(0, count).map((name) => name.split(',')[0] ?? '');
};
