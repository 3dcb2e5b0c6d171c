/** Checksums whose bits are not reflected and which start at zero, as FLAC and Ogg use them. */
export function crc(bits: 8 | 16 | 32, polynomial: number): (bytes: Uint8Array) => number {
  const [top, mask] = [2 ** (bits - 1), 2 ** bits - 1];
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte * 2 ** (bits - 8);
    for (let bit = 0; bit < 8; bit++) value = ((value >= top ? (value << 1) ^ polynomial : value << 1) & mask) >>> 0;
    return value;
  });
  return (bytes) => {
    let value = 0;
    for (const byte of bytes) value = ((value << 8) ^ (table[(value >>> (bits - 8)) ^ byte] ?? 0)) & mask;
    return value >>> 0;
  };
}
