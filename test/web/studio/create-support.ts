/** What the tests of the form share: what it sends, and files to give to it. */
import { crc32 } from 'node:zlib';
import type { Page, Response } from 'playwright-core';
import sharp from 'sharp';
import { demoModels } from '../../../src/simulator/demo-models.js';
import type { Visit } from '../visit.js';

/** A ComfyUI with the classes and models of all built-in workflows. */
export const SIMULATOR = { ...demoModels, version: '0.33.0', previews: false, stepMs: 0 } as const;

export type CreateInput = Record<string, unknown> & { parameters?: Record<string, unknown> };

/** Creates generations by `act`. @returns what the page has sent for each; fails if the API has refused one */
export async function created(page: Page, count: number, act: () => Promise<unknown>): Promise<CreateInput[]> {
  const inputs: CreateInput[] = [];
  const errors: unknown[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = async (response: Response) => {
    const body = response.request().postData() ?? '';
    if (!body.includes('mutation CreateGeneration')) return;
    const answer = (await response.json()) as { errors?: unknown[] };
    errors.push(...(answer.errors ?? []));
    const { idempotencyKey: _, ...input } = JSON.parse(body).variables.input as CreateInput;
    inputs.push(input);
    if (inputs.length === count) resolve();
  };
  page.on('response', listener);
  await act();
  await promise;
  page.off('response', listener);
  expect(errors).toEqual([]);
  return inputs;
}

/** Opens the form as if nothing was entered before. */
export async function openForm({ page, faults }: Visit): Promise<Page> {
  faults.length = 0;
  await page.evaluate(`
    for (const key of Object.keys(localStorage)) if (/:(form|workflow):/.test(key)) localStorage.removeItem(key);
  `);
  await page.reload();
  await prompt(page).waitFor();
  return page;
}

export const prompt = (page: Page) => page.getByRole('form').getByLabel('Prompt', { exact: true });

export const createButton = (page: Page) => page.getByRole('form').getByRole('button', { name: /^Create/ });

/** Opens the cards of all workflows and takes the one with this title. */
export async function chooseWorkflow(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: /^Workflow:/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Choose a workflow' });
  await dialog.getByLabel('Search').fill(title);
  await dialog
    .getByRole('button')
    .filter({ has: page.getByText(title, { exact: true }) })
    .click();
  await page.getByRole('form', { name: title, exact: true }).waitFor();
}

/** A picture of one colour. */
export const picture = (width = 96, height = 64): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: '#2f7a55' } })
    .png()
    .toBuffer();

/** A picture as ComfyUI saves it, with its graph. */
export async function pictureWithGraph(graph: object): Promise<Buffer> {
  const plain = await picture();
  const text = Buffer.from(`prompt\0${JSON.stringify(graph)}`, 'latin1');
  // Behind the signature and the header.
  return Buffer.concat([plain.subarray(0, 33), chunk('tEXt', text), plain.subarray(33)]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [size, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(data.length);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, crc]);
}

/** Drops a file on an element of the page. */
export async function drop(page: Page, selector: string, file: { name: string; mimeType: string; buffer: Buffer }) {
  const dataTransfer = await page.evaluateHandle(`(() => {
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob('${file.buffer.toString('base64')}'), (byte) => byte.charCodeAt(0));
    transfer.items.add(new File([bytes], '${file.name}', { type: '${file.mimeType}' }));
    return transfer;
  })()`);
  await page.dispatchEvent(selector, 'dragover', { dataTransfer });
  await page.dispatchEvent(selector, 'drop', { dataTransfer });
}
