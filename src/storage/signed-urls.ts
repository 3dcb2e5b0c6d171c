/** Signs root-relative URLs, and judges them when they come back. Holding one is the permission. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const DAY_MS = 86_400_000;

export class SignedUrls {
  readonly #keys: Buffer[];

  /**
   * @param secrets the first signs; what the others have signed is good still
   * @param basePath under which browsers find this server; it is not part of what is signed, for a proxy may strip it
   */
  constructor(
    secrets: readonly string[],
    private readonly basePath = '',
  ) {
    this.#keys = secrets.map((secret) => createHmac('sha256', secret).update('signed url').digest());
  }

  /** Of pictures: the same all day long, and good until the end of the next. */
  expiresAt(now = Date.now()): Date {
    return new Date((Math.floor(now / DAY_MS) + 2) * DAY_MS);
  }

  /** @param path root-relative, such as `/images/<id>.png` */
  sign(path: string, expiresAt = this.expiresAt()): string {
    const expires = expiresAt.getTime() / 1000;
    return `${this.basePath}${path}?expires=${expires}&signature=${signature(this.#keys[0] as Buffer, path, expires)}`;
  }

  verify(path: string, expires: unknown, signed: unknown): boolean {
    if (typeof expires !== 'string' || typeof signed !== 'string' || !/^\d{1,12}$/.test(expires)) return false;
    const given = Buffer.from(signed);
    const isOurs = this.#keys.some((key) => {
      const expected = Buffer.from(signature(key, path, Number(expires)));
      return expected.length === given.length && timingSafeEqual(expected, given);
    });
    return isOurs && Number(expires) * 1000 > Date.now();
  }
}

const signature = (key: Buffer, path: string, expires: number): string =>
  createHmac('sha256', key).update(`${path}\n${expires}`).digest('base64url');
