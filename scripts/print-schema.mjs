/** Prints the schema from the code: into schema.graphql, or with --stdout to standard output. */
import { writeFileSync } from 'node:fs';
import { printSchema } from 'graphql';
import { createSchema } from '../dist/api/schema.js';

const text = `${printSchema(await createSchema())}\n`;
if (process.argv.includes('--stdout')) process.stdout.write(text);
else {
  writeFileSync('schema.graphql', text);
  console.log('Wrote schema.graphql');
}
