/** Validates text that users send. */
import { badUserInput } from './errors.js';

export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** PostgreSQL's text can hold neither a NUL character nor half a surrogate pair. @throws BAD_USER_INPUT */
export function requireStorable(text: string, field: string): void {
  if (text.includes('\0')) throw badUserInput(`${field} must not contain NUL characters`, field);
  if (!text.isWellFormed()) throw badUserInput(`${field} is not well-formed Unicode`, field);
}
