/** Judges what people choose for their accounts. */
import { badUserInput } from '../graphql/errors.js';
import { requireStorable } from '../graphql/text.js';
import { isEmail, normaliseEmail } from './email.js';
import { MAX_PASSWORD_LENGTH } from './passwords.js';

const MIN_PASSWORD_LENGTH = 8;
const MAX_NAME_LENGTH = 100;

/** Answers it as it is kept. @throws BAD_USER_INPUT */
export function judgeEmail(given: string): string {
  const email = normaliseEmail(given);
  requireStorable(email, 'email');
  if (!isEmail(email)) throw badUserInput('This is no email address', 'email');
  return email;
}

/** @throws BAD_USER_INPUT */
export function judgePassword(password: string, field = 'password'): void {
  // Different halves of a character would be hashed alike.
  requireStorable(password, field);
  const length = [...password].length;
  if (length < MIN_PASSWORD_LENGTH || length > MAX_PASSWORD_LENGTH)
    throw badUserInput(`A password has ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters`, field);
}

/** Null where there is none. @throws BAD_USER_INPUT */
export function judgeName(name: string | null | undefined): string | null {
  if (name == null || name.trim() === '') return null;
  requireStorable(name, 'name');
  if ([...name].length > MAX_NAME_LENGTH) throw badUserInput(`A name has up to ${MAX_NAME_LENGTH} characters`, 'name');
  return name.trim();
}
