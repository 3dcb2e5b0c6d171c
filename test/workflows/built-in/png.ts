/** Reads the text chunks that ComfyUI writes into PNG files. */
const SIGNATURE_BYTES = 8;
/** A chunk has its length and type before the data, and its checksum after it. */
const HEAD_BYTES = 8;
const CHECKSUM_BYTES = 4;

/** Texts by keyword; `prompt` is the graph. */
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
