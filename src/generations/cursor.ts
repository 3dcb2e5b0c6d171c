/** Cursors: where in an order a generation lies. They carry their order, and are refused under another. */
import { badUserInput } from '../graphql/errors.js';
import type { GenerationOrder } from './list-inputs.js';

/** `at` is PostgreSQL's text of an instant, or `infinity`. */
export type Position = { at: string; id: string };

const CURSOR =
  /^(CREATED_AT|COMPLETED_AT) (ASC|DESC) (infinity|\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?[+-]\d\d(?::\d\d)?) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export const encodeCursor = ({ at, id }: Position, { field, direction }: GenerationOrder): string =>
  Buffer.from(`${field} ${direction} ${at} ${id}`).toString('base64url');

/** @throws BAD_USER_INPUT for what is no cursor, or one of another order. */
export function decodeCursor(cursor: string, { field, direction }: GenerationOrder): Position {
  const match = CURSOR.exec(Buffer.from(cursor, 'base64url').toString());
  const [, itsField, itsDirection, at, id] = match ?? [];
  if (at === undefined || id === undefined || !Number.isFinite(Date.parse(at === 'infinity' ? '2000-01-01' : at)))
    throw badUserInput('This is no cursor of this list');
  if (itsField !== field || itsDirection !== direction)
    throw badUserInput('This cursor belongs to another order: start again without it when you change orderBy');
  return { at, id };
}
