/** Reads the texts that ComfyUI writes into its PNGs. */
const SIGNATURE_BYTES = 8;
/** Length and type before a chunk's data, its checksum behind. */
const HEAD_BYTES = 8;
const CHECKSUM_BYTES = 4;

/** By keyword; `prompt` holds the graph. */
export function textsOf(png: Buffer): Record<string, string> {
  const texts: Record<string, string> = {};
  for (let at = SIGNATURE_BYTES; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const data = png.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length);
    if (png.toString('latin1', at + 4, at + HEAD_BYTES) === 'tEXt') {
      const [keyword = '', text = ''] = data.toString('latin1').split('\0');
      texts[keyword] = text;
    }
    at += HEAD_BYTES + length + CHECKSUM_BYTES;
  }
  return texts;
}
