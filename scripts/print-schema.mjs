/** Writes schema.graphql from the code. */
import { writeFileSync } from 'node:fs';
import { printSchema } from 'graphql';
import { createSchema } from '../dist/graphql/schema.js';

writeFileSync('schema.graphql', `${printSchema(await createSchema())}\n`);
console.log('Wrote schema.graphql');
