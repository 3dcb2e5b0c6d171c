/** Signs root-relative URLs, and judges them when they come back. Holding one is the permission. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const DAY_MS = 86_400_000;

export class SignedUrls {
  readonly #key: Buffer;

  constructor(secret: string) {
    this.#key = createHmac('sha256', secret).update('signed url').digest();
  }

  /** Of pictures: the same all day long, and good until the end of the next. */
  expiresAt(now = Date.now()): Date {
    return new Date((Math.floor(now / DAY_MS) + 2) * DAY_MS);
  }

  /** @param path root-relative, such as `/images/<id>.png` */
  sign(path: string, expiresAt = this.expiresAt()): string {
    const expires = expiresAt.getTime() / 1000;
    return `${path}?expires=${expires}&signature=${this.#signature(path, expires)}`;
  }

  verify(path: string, expires: unknown, signature: unknown): boolean {
    if (typeof expires !== 'string' || typeof signature !== 'string' || !/^\d{1,12}$/.test(expires)) return false;
    const expected = Buffer.from(this.#signature(path, Number(expires)));
    const given = Buffer.from(signature);
    return expected.length === given.length && timingSafeEqual(expected, given) && Number(expires) * 1000 > Date.now();
  }

  #signature(path: string, expires: number): string {
    return createHmac('sha256', this.#key).update(`${path}\n${expires}`).digest('base64url');
  }
}
