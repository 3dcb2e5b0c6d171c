/** Declares the foreign keys of other rooms' rows to generations: these rows are deleted with their generation. */
import { ManyToOne, OneToOne } from '@mikro-orm/decorators/legacy';
import { Result } from '../assets/result.js';
import { Share } from '../assets/shares/share.js';
import { Prompt } from '../runner/prompt.js';
import { Generation } from './generation.js';

const RELATION = { mapToPk: true, fieldName: 'generation_id', deleteRule: 'cascade' } as const;

OneToOne(() => Generation, { ...RELATION })(Result.prototype, 'generationId');
OneToOne(() => Generation, { ...RELATION })(Share.prototype, 'generationId');
ManyToOne(() => Generation, { ...RELATION })(Prompt.prototype, 'generationId');
