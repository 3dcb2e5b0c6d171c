/** Files of 3D models and latents. */

/** The corners and faces of an octahedron. */
const CORNERS = [1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1];
const FACES = [0, 2, 4, 2, 1, 4, 1, 3, 4, 3, 0, 4, 2, 0, 5, 1, 2, 5, 3, 1, 5, 0, 3, 5];

/** A GLB with an octahedron. */
export function writeGlb(): Buffer {
  const corners = Buffer.from(new Float32Array(CORNERS).buffer);
  const faces = Buffer.from(new Uint16Array(FACES).buffer);
  const json = JSON.stringify({
    asset: { version: '2.0' },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 }, indices: 1 }] }],
    buffers: [{ byteLength: corners.length + faces.length }],
    bufferViews: [
      { buffer: 0, byteLength: corners.length, target: 34962 },
      { buffer: 0, byteOffset: corners.length, byteLength: faces.length, target: 34963 },
    ],
    accessors: [
      { bufferView: 0, componentType: 5126, count: 6, type: 'VEC3', min: [-1, -1, -1], max: [1, 1, 1] },
      { bufferView: 1, componentType: 5123, count: FACES.length, type: 'SCALAR' },
    ],
  });
  const text = Buffer.from(json.padEnd(Math.ceil(json.length / 4) * 4));
  const body = [part('JSON', text), part('BIN\0', Buffer.concat([corners, faces]))];
  const head = Buffer.from('glTF\x02\0\0\0\0\0\0\0', 'latin1');
  head.writeUInt32LE(head.length + body.reduce((sum, { length }) => sum + length, 0), 8);
  return Buffer.concat([head, ...body]);
}

function part(type: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(data.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, data]);
}

/** ComfyUI's latent: a safetensors file. Its numbers are zero. */
export function writeLatent({ width, height }: { width: number; height: number }, count: number): Buffer {
  const shape = [count, 4, Math.floor(height / 8), Math.floor(width / 8)];
  const bytes = 4 * shape.reduce((product, each) => product * each, 1);
  const tensors = {
    latent_tensor: { dtype: 'F32', shape, data_offsets: [0, bytes] },
    latent_format_version_0: { dtype: 'F32', shape: [0], data_offsets: [bytes, bytes] },
  };
  const head = Buffer.from(JSON.stringify(tensors));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  return Buffer.concat([length, head, Buffer.alloc(bytes)]);
}
