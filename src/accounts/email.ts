/** What an email address is to us. Whether mail arrives there only mail can tell. */
const MAX_LENGTH = 254;

/** One address is one account, whatever its case and its Unicode form. */
export const normaliseEmail = (email: string): string => email.trim().normalize('NFC').toLowerCase();

/** Catches what surely is none. */
export const isEmail = (email: string): boolean =>
  /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email) && email.length <= MAX_LENGTH;
