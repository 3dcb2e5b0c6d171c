/** Validates email addresses, passwords and names. */
import { badUserInput } from '../graphql/errors.js';
import { requireStorable } from '../graphql/text.js';
import { isEmail, normaliseEmail } from './email.js';
import { MAX_PASSWORD_LENGTH } from './passwords.js';

const MIN_PASSWORD_LENGTH = 8;
const MAX_NAME_LENGTH = 100;

/** Returns the normalised address. @throws BAD_USER_INPUT */
export function validateEmail(given: string): string {
  const email = normaliseEmail(given);
  requireStorable(email, 'email');
  if (!isEmail(email)) throw badUserInput('Invalid email address', 'email');
  return email;
}

/** @throws BAD_USER_INPUT */
export function validatePassword(password: string, field = 'password'): void {
  // Unpaired surrogates would all hash alike.
  requireStorable(password, field);
  const length = [...password].length;
  if (length < MIN_PASSWORD_LENGTH || length > MAX_PASSWORD_LENGTH)
    throw badUserInput(
      `A password must have ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters, not ${length}`,
      field,
    );
}

/** Returns the trimmed name, or null for an empty one. @throws BAD_USER_INPUT */
export function validateName(name: string | null | undefined): string | null {
  if (name == null || name.trim() === '') return null;
  requireStorable(name, 'name');
  const length = [...name].length;
  if (length > MAX_NAME_LENGTH)
    throw badUserInput(`A name must have at most ${MAX_NAME_LENGTH} characters, not ${length}`, 'name');
  return name.trim();
}
