/** Signs and verifies root-relative URLs. A signed URL is the permission to fetch it. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';

const DAY_MS = 86_400_000;
/** Kept URLs, of about 300 bytes with their keys. */
const MAX_SIGNED = 10_000;

export class SignedUrls {
  readonly #keys: Buffer[];
  /** By the URL without its signature: lists show the same images again and again. */
  readonly #signed = new LRUCache<string, string>({ max: MAX_SIGNED });

  /**
   * @param secrets the first one signs; URLs signed by the others stay valid
   * @param basePath the path prefix under which browsers reach this server; it is not signed, because a proxy may strip it
   */
  constructor(
    secrets: readonly string[],
    private readonly basePath = '',
  ) {
    this.#keys = secrets.map((secret) => createHmac('sha256', secret).update('signed url').digest());
  }

  /** The end of the next day (UTC): URLs stay the same during a day, so that browsers cache them. */
  expiresAt(now = Date.now()): Date {
    return new Date((Math.floor(now / DAY_MS) + 2) * DAY_MS);
  }

  /** @param path root-relative, such as `/images/<id>.png` */
  sign(path: string, expiresAt = this.expiresAt()): string {
    const expires = expiresAt.getTime() / 1000;
    const unsigned = `${this.basePath}${path}?expires=${expires}`;
    const known = this.#signed.get(unsigned);
    if (known) return known;
    const signed = `${unsigned}&signature=${signature(this.#keys[0] as Buffer, path, expires)}`;
    this.#signed.set(unsigned, signed);
    return signed;
  }

  verify(path: string, expires: unknown, given: unknown): boolean {
    if (typeof expires !== 'string' || typeof given !== 'string' || !/^\d{1,12}$/.test(expires)) return false;
    const actual = Buffer.from(given);
    const isOurs = this.#keys.some((key) => {
      const expected = Buffer.from(signature(key, path, Number(expires)));
      return expected.length === actual.length && timingSafeEqual(expected, actual);
    });
    return isOurs && Number(expires) * 1000 > Date.now();
  }
}

const signature = (key: Buffer, path: string, expires: number): string =>
  createHmac('sha256', key).update(`${path}\n${expires}`).digest('base64url');
