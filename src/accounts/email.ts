/** Normalises and checks email addresses. Only sending mail would prove that an address exists. */
const MAX_LENGTH = 254;

/** Spellings that differ in case or Unicode form name one account. */
export const normaliseEmail = (email: string): string => email.trim().normalize('NFC').toLowerCase();

/** Rejects only what cannot be an address. */
export const isEmail = (email: string): boolean =>
  /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email) && email.length <= MAX_LENGTH;
