/** A test file is slow if its first comment contains `@slow`. */
import { readFileSync } from 'node:fs';

const MARK = /^\/\*\*(?:(?!\*\/)[\s\S])*@slow\b/;

export const isSlow = (path) => MARK.test(readFileSync(path, 'utf8'));
