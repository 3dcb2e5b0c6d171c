/** The simulator as JavaScript files, for what only a process or a thread of its own can show. */
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { transformFile } from '@swc/core';

export type Compiled = { file(name: string): string; close(): Promise<void> };

/** Compiles into a temporary folder, which `close` removes. */
export async function compileSimulator(): Promise<Compiled> {
  const root = resolve(import.meta.dirname, '../..');
  const folder = await mkdtemp(join(tmpdir(), 'simulator-compiled-'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  for (const source of globSync(['src/simulator/**/*.ts', 'src/comfyui/protocol.ts'], { cwd: root })) {
    const options = { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } } as const;
    const { code } = await transformFile(join(root, source), { ...options, swcrc: false });
    const target = join(folder, source.replace(/\.ts$/, '.js'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, code);
  }
  return {
    file: (name) => join(folder, 'src/simulator', name),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
