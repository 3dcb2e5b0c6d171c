/** Files that carry a secret in every place that ComfyUI, ffmpeg and cameras write to. */
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { crc } from '../../../src/simulator/files/crc.js';
import * as files from './support.js';

/** It stands in each file. */
export const SECRET = 'SECRETsecret';
const PROMPT = JSON.stringify({ 1: { class_type: SECRET, inputs: {} } });
const XMP = `<x:xmpmeta xmlns:x="adobe:ns:meta/">${SECRET}</x:xmpmeta>`;

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const numbers =
  (bytes: 2 | 3 | 4, isLittle = false) =>
  (value: number): Buffer => {
    const out = Buffer.alloc(bytes);
    isLittle ? out.writeUIntLE(value, 0, bytes) : out.writeUIntBE(value, 0, bytes);
    return out;
  };
const [u16, u24, u32, u32le] = [numbers(2), numbers(3), numbers(4), numbers(4, true)];
const insert = (file: Buffer, at: number, ...parts: Buffer[]): Buffer =>
  Buffer.concat([file.subarray(0, at), ...parts, file.subarray(at)]);

export const withExif = (image: ReturnType<typeof files.noise>) =>
  image.withExif({ IFD0: { ImageDescription: `workflow:${PROMPT}`, Make: `prompt:${PROMPT}` } }).withXmp(XMP);

const pngChunk = (type: string, text: string): Buffer => {
  const body = latin(type + text);
  return Buffer.concat([u32(text.length), body, u32(crc32(body))]);
};
const taggedPng = (png: Buffer): Buffer => {
  const [start, end] = [33, png.length - 12];
  const tagged = [
    png.subarray(0, start),
    pngChunk('tEXt', `prompt\0${PROMPT}`),
    pngChunk('iTXt', `XML:com.adobe.xmp\0\0\0\0\0${XMP}`),
    pngChunk('tIME', '\x07\xea\x01\x01\0\0\0'),
    png.subarray(start, end),
    pngChunk('comf', `workflow\0${PROMPT}`),
    png.subarray(end),
  ];
  return Buffer.concat([...tagged, latin(SECRET)]);
};

const comment = (text: string): Buffer => Buffer.concat([latin('\xff\xfe'), u16(text.length + 2), latin(text)]);

const gifExtension = (label: string, text: string): Buffer =>
  Buffer.concat([latin(`!${label}`), latin(String.fromCharCode(text.length)), latin(text), latin('\0')]);
const taggedGif = (gif: Buffer): Buffer => {
  const start = 13 + ((gif[10] ?? 0) & 0x80 ? 3 * 2 ** (((gif[10] ?? 0) & 7) + 1) : 0);
  return insert(gif, start, gifExtension('\xfe', SECRET), gifExtension('\xff', `XMP Data${SECRET}`));
};

const box = (type: string, ...parts: Buffer[]): Buffer =>
  Buffer.concat([u32(8 + parts.reduce((sum, { length }) => sum + length, 0)), latin(type), ...parts]);
const item = (type: string): Buffer => box(type, box('data', u32(1), u32(0), latin(PROMPT)));
const meta = box(
  'meta',
  u32(0),
  box('hdlr', u32(0), u32(0), latin('mdtaappl'), Buffer.alloc(9)),
  box('keys', u32(0), u32(1), u32(14), latin('mdtaprompt')),
  box('ilst', item('\0\0\0\x01'), item('\xa9cmt')),
);

/** Appends to the first box of this type, and enlarges what contains it. */
const appended = (file: Buffer, path: string[], added: Buffer): Buffer => {
  const copy = Buffer.from(file);
  const heads = path.map((type) => copy.indexOf(type) - 4);
  const last = heads.at(-1) ?? 0;
  const end = last + copy.readUInt32BE(last);
  for (const at of heads) copy.writeUInt32BE(copy.readUInt32BE(at) + added.length, at);
  return insert(copy, end, added);
};
const taggedMp4 = (mp4: Buffer): Buffer => {
  const inTrack = appended(mp4, ['moov', 'trak'], box('udta', latin(SECRET)));
  const inMovie = appended(appended(inTrack, ['moov'], meta), ['moov'], box('udta', meta));
  const inDashcam = appended(inMovie, ['moov'], box('gps ', latin(SECRET)));
  return Buffer.concat([inDashcam, box('uuid', latin(SECRET)), box('free', latin(SECRET))]);
};

const element = (id: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const hex = id.toString(16);
  return Buffer.concat([Buffer.from(hex, 'hex'), u32(content.length + 0x10000000), content]);
};
const tags = element(
  0x1254c367,
  element(0x7373, element(0x67c8, element(0x45a3, latin('PROMPT')), element(0x4487, latin(PROMPT)))),
);
/** The sizes of the simulator's elements have eight bytes. */
const taggedMatroska = (file: Buffer): Buffer => {
  const segment = file.indexOf('18538067', 'hex');
  const info = file.indexOf('1549a966', 'hex');
  const title = element(0x7ba9, latin(SECRET));
  // A title of one letter.
  const added = Buffer.concat([title, Buffer.from('7ba98178', 'hex')]);
  const attached = element(0x1941a469, latin(SECRET));
  const out = Buffer.concat([insert(file, info + 12, added), tags, attached, element(0xec, latin(SECRET))]);
  const more = out.length - file.length;
  out.writeUInt32BE(out.readUInt32BE(segment + 8) + more, segment + 8);
  out.writeUInt32BE(out.readUInt32BE(info + 8) + added.length, info + 8);
  return out;
};

const comments = (...texts: string[]): Buffer =>
  Buffer.concat([
    u32le(SECRET.length),
    latin(SECRET),
    u32le(texts.length),
    ...texts.flatMap((text) => [u32le(text.length), latin(text)]),
  ]);
const taggedFlac = (flac: Buffer): Buffer => {
  const block = (kind: number, data: Buffer) => Buffer.concat([Buffer.from([kind]), u24(data.length), data]);
  const blocks = [block(4, comments(`prompt=${PROMPT}`)), block(6, latin(SECRET)), block(0x82, latin(SECRET))];
  const out = insert(flac, 42, ...blocks);
  out[4] = 0;
  return out;
};

const id3Frame = (text: string): Buffer =>
  Buffer.concat([latin('TXXX'), u32(text.length + 1), latin('\0\0'), latin('\0'), latin(text)]);
const taggedMp3 = (mp3: Buffer): Buffer => {
  const frame = id3Frame(`prompt\0${PROMPT}`);
  const head = Buffer.concat([latin('ID3\x03\0\0\0\0'), Buffer.from([frame.length >> 7, frame.length & 127])]);
  const value = latin(`${SECRET}\0${SECRET}`);
  const ape = Buffer.concat([
    value,
    latin('APETAGEX'),
    u32le(2000),
    u32le(value.length + 32),
    u32le(1),
    Buffer.alloc(12),
  ]);
  const v1 = Buffer.alloc(128);
  v1.write(`TAG${SECRET}`, 'latin1');
  return Buffer.concat([head, frame, mp3, ape, v1]);
};

const oggCrc = crc(32, 0x04c11db7);
/** One packet on as many pages as it needs. */
const oggPages = (first: number, packet: Buffer): Buffer => {
  const pages: Buffer[] = [];
  for (let at = 0; at <= packet.length; at += 255 * 255) {
    const data = packet.subarray(at, at + 255 * 255);
    const full = Math.floor(data.length / 255);
    const table = [...Array<number>(full).fill(255), ...(full < 255 ? [data.length % 255] : [])];
    const head = Buffer.alloc(27);
    head.write('OggS', 'latin1');
    head[5] = at > 0 ? 1 : 0;
    head.writeUInt32LE(1, 14);
    head.writeUInt32LE(first + pages.length, 18);
    head[26] = table.length;
    const page = Buffer.concat([head, Buffer.from(table), data]);
    page.writeUInt32LE(oggCrc(page), 22);
    pages.push(page);
  }
  return Buffer.concat(pages);
};

/** Whether the checksum of each page is right. */
export function hasRightChecksums(ogg: Buffer): boolean {
  for (let at = 0; at < ogg.length; ) {
    const table = ogg.subarray(at + 27, at + 27 + (ogg[at + 26] ?? 0));
    const page = Buffer.from(ogg.subarray(at, at + 27 + table.length + table.reduce((sum, size) => sum + size, 0)));
    const sum = page.readUInt32LE(22);
    page.writeUInt32LE(0, 22);
    if (oggCrc(page) !== sum) return false;
    at += page.length;
  }
  return true;
}

/** The packet of comments of the simulator is the second page. */
const taggedOgg = (ogg: Buffer, text: string): Buffer => {
  const second = ogg.indexOf('OggS', 1);
  const third = ogg.indexOf('OggS', second + 1);
  const packet = Buffer.concat([latin('OpusTags'), comments(`prompt=${text}`)]);
  return Buffer.concat([ogg.subarray(0, second), oggPages(1, packet), ogg.subarray(third)]);
};

const riffChunk = (type: string, text: string): Buffer =>
  Buffer.concat([latin(type), u32le(text.length), latin(text), Buffer.alloc(text.length % 2)]);
const taggedWav = (wav: Buffer): Buffer =>
  insert(wav, 36, riffChunk('LIST', `INFOICMT\x0c\0\0\0${SECRET}`), riffChunk('id3 ', `${SECRET}!`));

const taggedGlb = (glb: Buffer): Buffer => {
  const end = 20 + glb.readUInt32LE(12);
  const json = JSON.parse(glb.toString('utf8', 20, end));
  json.asset.extras = { prompt: PROMPT };
  json.nodes[0].extras = { name: SECRET };
  const bare = JSON.stringify(json);
  const text = bare.padEnd(Math.ceil(bare.length / 4) * 4);
  const length = u32le(12 + text.length + 8 + glb.length - end);
  return Buffer.concat([glb.subarray(0, 8), length, u32le(text.length), latin('JSON'), latin(text), glb.subarray(end)]);
};

const taggedLatent = (latent: Buffer): Buffer => {
  const end = 8 + latent.readUInt32LE(0);
  const json = JSON.parse(latent.toString('utf8', 8, end));
  const text = JSON.stringify({ __metadata__: { prompt: PROMPT }, ...json });
  return Buffer.concat([u32le(text.length), u32le(0), latin(text), latent.subarray(end)]);
};

export const images: Record<string, () => Promise<Buffer>> = {
  png: async () => taggedPng(await withExif(files.noise(48, 32)).png().toBuffer()),
  'animated.png': async () => taggedPng(await files.animatedPng()),
  jpg: async () => insert(await withExif(files.noise(48, 32)).jpeg().toBuffer(), 2, comment(SECRET)),
  'progressive.jpg': async () => {
    const jpeg = await withExif(files.noise(48, 32)).jpeg({ progressive: true }).withIccProfile('p3').toBuffer();
    const lastScan = jpeg.lastIndexOf(Buffer.from('ffda', 'hex'));
    return Buffer.concat([insert(jpeg, lastScan, comment(SECRET)), latin(SECRET)]);
  },
  webp: () => withExif(files.noise(48, 32)).webp().toBuffer(),
  'lossless.webp': () => withExif(files.noise(48, 32)).webp({ lossless: true }).toBuffer(),
  'animated.webp': async () => {
    return await withExif(sharp(await files.animatedWebp(), { animated: true }))
      .webp()
      .toBuffer();
  },
  'animated.gif': async () => taggedGif(await files.animatedGif()),
};

export const others: Record<string, () => Promise<Buffer> | Buffer> = {
  mp4: async () => taggedMp4(await files.mp4()),
  mkv: async () => taggedMatroska(await files.mkv()),
  webm: async () => taggedMatroska(await files.webm()),
  flac: () => taggedFlac(files.flac()),
  mp3: () => taggedMp3(files.mp3()),
  opus: () => taggedOgg(files.opus(), PROMPT),
  'long.opus': () => taggedOgg(files.opus(), PROMPT.padEnd(200_000)),
  wav: () => taggedWav(files.writeWav(2)),
  glb: () => taggedGlb(files.glb()),
  latent: () => taggedLatent(files.latent()),
  exr: () => {
    const attribute = (name: string, type: string, value: string) =>
      Buffer.concat([latin(`${name}\0${type}\0`), u32le(value.length), latin(value)]);
    const kept = attribute('compression', 'compression', '\0');
    return Buffer.concat([latin('v/1\x01\x02\0\0\0'), kept, attribute('prompt', 'string', PROMPT), latin('\0pixels')]);
  },
  gltf: () => latin(JSON.stringify({ asset: { version: '2.0', extras: { prompt: PROMPT } }, nodes: [] })),
  svg: () =>
    latin(
      `<?xml version="1.0"?><!-- ${SECRET} --><svg><metadata><![CDATA[{"prompt":${PROMPT}}]]></metadata><g/></svg>`,
    ),
};
