/**
 * The tokens and paths of shares. A token is the id of the share, which is random, with a signature: the database holds nothing that opens a
 * share, and a guessed token is refused without asking it.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'uuid';

const ID_BYTES = 16;
const SIGNATURE_BYTES = 16;

export class ShareLinks {
  readonly #keys: Buffer[];

  /**
   * @param secrets the first one signs; tokens signed by the others stay valid
   * @param basePath the path prefix under which browsers reach this server
   */
  constructor(
    secrets: readonly string[],
    private readonly basePath = '',
  ) {
    this.#keys = secrets.map((secret) => createHmac('sha256', secret).update('share').digest());
  }

  tokenOf(shareId: string): string {
    const id = Buffer.from(parse(shareId));
    return Buffer.concat([id, sign(this.#keys[0] as Buffer, id)]).toString('base64url');
  }

  /** Root-relative. */
  urlOf(shareId: string): string {
    return `${this.basePath}/s/${this.tokenOf(shareId)}`;
  }

  /** Returns the id of the share; undefined for a token that this server did not make. */
  verify(token: string): string | undefined {
    const bytes = Buffer.from(token, 'base64url');
    // Decoding skips invalid characters.
    if (bytes.length !== ID_BYTES + SIGNATURE_BYTES || bytes.toString('base64url') !== token) return undefined;
    const [id, signature] = [bytes.subarray(0, ID_BYTES), bytes.subarray(ID_BYTES)];
    const isOurs = this.#keys.some((key) => timingSafeEqual(sign(key, id), signature));
    return isOurs ? stringify(id) : undefined;
  }
}

const sign = (key: Buffer, id: Buffer): Buffer =>
  createHmac('sha256', key).update(id).digest().subarray(0, SIGNATURE_BYTES);
