/** Writes bits, and the variable-length numbers of H.264. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #current = 0;
  #filled = 0;

  bits(count: number, value: number): this {
    for (let bit = count - 1; bit >= 0; bit--) {
      this.#current = (this.#current << 1) | ((value >>> bit) & 1);
      if (++this.#filled === 8) {
        this.#bytes.push(this.#current);
        this.#current = this.#filled = 0;
      }
    }
    return this;
  }

  /** An Exp-Golomb number of at least 0. */
  unsigned(value: number): this {
    const length = 32 - Math.clz32(value + 1);
    return this.bits(length - 1, 0).bits(length, value + 1);
  }

  /** A one, then zeros up to the next byte. */
  end(): Buffer {
    this.bits(1, 1);
    while (this.#filled !== 0) this.bits(1, 0);
    return Buffer.from(this.#bytes);
  }

  /** Zeros up to the next byte. */
  aligned(): Buffer {
    while (this.#filled !== 0) this.bits(1, 0);
    return Buffer.from(this.#bytes);
  }
}
