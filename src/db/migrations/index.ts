/** Every migration, oldest first. Applied ones are never changed. */
import { InitialSchema } from './initial-schema.js';

export const migrations = [{ name: '2026-11-24-initial-schema', class: InitialSchema }];
