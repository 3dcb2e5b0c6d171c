/** Compiles examples/relay.js as babel-plugin-relay does: replaces each document by the artifact that relay-compiler wrote. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSchema, parse, print, validate } from 'graphql';
import { readText } from './markdown.js';

const DOCUMENT = /graphql`(\s*(?:query|mutation|subscription) (\w+)[^`]*)`/g;

export async function compileRelay(folder: string): Promise<void> {
  const path = join(folder, 'relay.js');
  const imports: string[] = [];
  const compiled = (await readFile(path, 'utf8')).replace(DOCUMENT, (_, _document, name) => {
    imports.push(`import ${name} from './__generated__/${name}.graphql.js';\n`);
    return name;
  });
  await writeFile(path, imports.join('') + compiled);
}

/** Returns the faults of the artifacts; none if they match the documents and are valid for the server. */
export async function findStaleArtifacts(): Promise<string[]> {
  const schema = buildSchema(await readText('schema.graphql'));
  const faults: string[] = [];
  for (const [, document = '', name] of (await readText('examples/relay.js')).matchAll(DOCUMENT)) {
    const artifact = await readText(`examples/__generated__/${name}.graphql.js`);
    const hash = createHash('md5')
      .update(print(parse(document)))
      .digest('hex');
    if (!artifact.includes(`node.hash = "${hash}"`)) faults.push(`${name} has changed since it was compiled`);
    const text = JSON.parse(/"text": (".*")/.exec(artifact)?.[1] ?? '""');
    for (const { message } of validate(schema, parse(text))) faults.push(`${name}: ${message}`);
  }
  return faults;
}
