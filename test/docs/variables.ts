/** Finds the environment variables that the code reads, in its source. */
import { readText } from './markdown.js';

/** The server's variables: the keys of the one object that validates them. */
export async function serverVariables(): Promise<string[]> {
  const source = await readText('src/config.ts');
  const object = /z\.object\(\{\n(.*?)^\}\)/ms.exec(source)?.[1] ?? '';
  return [...object.matchAll(/^ {2}([A-Z][A-Z0-9_]*):/gm)].map(([, name]) => String(name));
}

/** The variables of the simulator as a separate process: every name in its source with that prefix. */
export async function simulatorVariables(): Promise<string[]> {
  const source = await readText('src/simulator/main.ts');
  return [...new Set(source.match(/\bSIMULATOR_[A-Z_]+/g))];
}
