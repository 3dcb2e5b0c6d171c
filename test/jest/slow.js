/** Which test files are slow: those that say so, by `@slow` and the reason in the comment that they begin with. */
import { readFileSync } from 'node:fs';

const MARK = /^\/\*\*(?:(?!\*\/)[\s\S])*@slow\b/;

export const isSlow = (path) => MARK.test(readFileSync(path, 'utf8'));
