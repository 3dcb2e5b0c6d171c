/** The environment variables that the code reads, by its source. */
import { readText } from './markdown.js';

/** Of the server: the keys of the one object that reads them. */
export async function serverVariables(): Promise<string[]> {
  const source = await readText('src/config.ts');
  const object = /z\.object\(\{\n(.*?)^\}\)/ms.exec(source)?.[1] ?? '';
  return [...object.matchAll(/^ {2}([A-Z][A-Z0-9_]*):/gm)].map(([, name]) => String(name));
}

/** Of the simulator as a process of its own: every name in its source that begins so. */
export async function simulatorVariables(): Promise<string[]> {
  const source = await readText('src/simulator/main.ts');
  return [...new Set(source.match(/\bSIMULATOR_[A-Z_]+/g))];
}
