/** Arrays as parameters of SQL statements. */
import { sqlArray } from '../../src/db/sql-array.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test.each<[claim: string, type: string, values: (string | number)[]]>([
  ['no values', 'text', []],
  ['numbers', 'integer', [1, -2]],
  ['texts', 'text', ['a', 'b c']],
  ['an empty text, and the word NULL', 'text', ['', 'NULL']],
  ['separators, braces and spaces', 'text', ['a,b', '{c}', ' d ']],
  ['quotes and backslashes', 'text', ['"', '\\', 'a\\"b', "'"]],
  ['line breaks and tabs', 'text', ['a\nb', '\t']],
  ['ids', 'uuid', ['01890000-0000-7000-8000-0000abcdef12']],
])('PostgreSQL reads the values back: %s', async (_, type, values) => {
  expect(await database.query(`select $1::${type}[] as values`, [sqlArray(values)])).toEqual([{ values }]);
});
