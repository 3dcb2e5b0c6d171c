/** The dashboard and docs/operating.md name metrics that `/metrics` has. */
import { type Scraped, scrape, TOKEN } from '../metrics/scrape.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { readText } from './markdown.js';

type Panel = { type: string; title: string; targets?: { expr: string }[] };

let app: TestApp;
let scraped: Scraped;
let dashboard: { panels: Panel[] };
beforeAll(async () => {
  app = await startTestApp({ env: { METRICS_TOKEN: TOKEN } });
  scraped = await scrape(app);
  dashboard = JSON.parse(await readText('docs/grafana/comfygraph.json')) as typeof dashboard;
});
afterAll(() => app?.close());

/** Without the suffixes of histograms. */
const namesIn = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(/\b(?:comfygraph|nodejs|process)_[a-z0-9_]+/g)].map(([name]) =>
      name.replace(/_(bucket|sum|count)$/, ''),
    ),
  ),
];

const expressions = (): string =>
  dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n');

test('every metric of the dashboard exists', () => {
  expect(namesIn(expressions()).filter((name) => !scraped.names.has(name))).toEqual([]);
});

test('the dashboard shows every metric of ComfyGraph', () => {
  const shown = namesIn(expressions());
  const ours = [...scraped.names].filter((name) => name.startsWith('comfygraph_'));
  expect(ours.filter((name) => !shown.includes(name))).toEqual([]);
});

test('every panel of the dashboard has an expression', () => {
  const panels = dashboard.panels.filter(({ type }) => type !== 'row');
  expect(panels.filter(({ targets = [] }) => targets.length === 0).map(({ title }) => title)).toEqual([]);
});

test('every metric that docs/operating.md names exists', async () => {
  const named = namesIn(await readText('docs/operating.md'));
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !scraped.names.has(name))).toEqual([]);
});
