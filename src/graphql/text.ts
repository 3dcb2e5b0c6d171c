/** Text as people send it. */
import { badUserInput } from './errors.js';

/** PostgreSQL's text cannot hold a NUL character, nor half a surrogate pair. @throws BAD_USER_INPUT */
export function requireStorable(text: string, field: string): void {
  if (text.includes('\0')) throw badUserInput(`${field} must not contain NUL characters`, field);
  if (!text.isWellFormed()) throw badUserInput(`${field} is not well-formed Unicode`, field);
}
