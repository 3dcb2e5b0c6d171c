/** A search ignores case and Unicode composition. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp();
  app.simulator.hold();
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const create = (prompt: string) =>
  alice.ask('mutation ($prompt: String!) { createGeneration(input: { prompt: $prompt }) { id } }', { prompt });
const count = async (search: string): Promise<number> => {
  const query = 'query ($search: String!) { generations(filter: { search: $search }) { totalCount } }';
  const { data, errors } = await alice.ask(query, { search });
  expect(errors).toBeUndefined();
  return data.generations.totalCount;
};

test.each<[claim: string, prompt: string, searches: string[]]>([
  [
    'composed and decomposed accents',
    'un caf\u00e9 \u00e0 Zürich',
    ['cafe\u0301 a\u0300', 'CAFE\u0301', 'zu\u0308RICH'],
  ],
  [
    'decomposed letters in the prompt',
    'A\u030angstro\u0308m',
    ['\u00c5ngstr\u00f6m', '\u212bngstr\u00f6m', 'åNGSTRÖM'],
  ],
  ['several marks in any order', 'q\u0323\u0307 Vi\u1ec7t', ['q\u0307\u0323', 'VIE\u0323\u0302T', 'vi\u00ea\u0323t']],
  ['Hangul as syllables and as letters', '\ud55c\uae00 풍경', ['\u1112\u1161\u11ab\u1100\u1173\u11af']],
  ['kana with their marks apart', 'ガラス', ['カ\u3099ラス', 'ｶﾞﾗｽ']],
  ['full-width letters', 'ＬＡＮＤＳＣＡＰＥ ４', ['landscape 4']],
  ['ligatures', 'a \ufb01eld of \ufb02owers', ['FIELD OF FLOWERS']],
  ['ß and SS', 'Straße bei Nacht', ['STRASSE', 'straße', 'STRAẞE']],
  ['every form of sigma', 'ὈΔΥΣΣΕΎΣ', ['ὀδυσσεύς', 'ὀδυσσεύσ']],
  ['Greek with its marks apart', 'Ωραία \u1fb3', ['ωραι\u0301α', '\u1fbc']],
  ['the Turkish i', 'İstanbul ılık', ['istanbul', 'ISTANBUL', 'İSTANBUL', 'ILIK', 'I\u0307stanbul']],
  ['Cherokee, which has capitals first', 'Ꭰꭱ', ['ꭰꭱ', 'ᎠᎡ']],
  ['letters beyond the first plane', '𐐨𐐩', ['𐐀𐐁']],
  ['Georgian', 'თბილისი', ['ᲗᲑᲘᲚᲘᲡᲘ']],
  ['Cyrillic with its marks apart', 'Й\u0438\u0306 ёлка', ['йй', 'Е\u0308ЛКА']],
  ['digraphs', 'ǆungla', ['ǅungla', 'DŽUNGLA', 'ǄUNGLA']],
])('a search ignores the difference: %s', async (_, prompt, searches) => {
  const before = await Promise.all(searches.map(count));
  await create(prompt);
  expect(await Promise.all([prompt, prompt.normalize('NFD'), ...searches].map(count))).toEqual([
    1,
    1,
    ...before.map((number) => number + 1),
  ]);
});

test('a search distinguishes letters with different accents', async () => {
  await create('one résumé');
  expect(await Promise.all(['resume', 'résumè', 'rèsumé'].map(count))).toEqual([0, 0, 0]);
});
