/** The scalars of the schema. What they refuse is the caller's mistake: BAD_USER_INPUT in a variable. */
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSON } from 'graphql-scalars';
import { badUserInput } from './errors.js';

/** An instant, always written in UTC with milliseconds. Takes a Date or what PostgreSQL writes; reads RFC 3339. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'An instant, RFC 3339 in UTC: 2026-11-23T18:00:00.000Z.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (value) => new Date(value as string | Date).toISOString(),
  parseValue: (value) => asInstant(value),
  parseLiteral: (node) => asInstant(node.kind === Kind.STRING ? node.value : undefined, node),
});

function asInstant(value: unknown, node?: ValueNode): Date {
  try {
    return GraphQLDateTimeISO.parseValue(value) as Date;
  } catch {
    throw refused('DateTime', 'an RFC 3339 instant such as "2026-11-23T18:00:00.000Z"', value, node);
  }
}

/** Any JSON value. */
export const JSONValue = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  name: 'JSON',
  description: 'Any JSON value.',
  specifiedByURL: null,
});

export const MAX_SEED = 2n ** 64n - 1n;

/** ComfyUI's seed: an unsigned 64-bit integer, in code and on the wire a decimal string. */
export const Seed = new GraphQLScalarType<string, string>({
  name: 'Seed',
  description:
    'An integer from 0 to 2^64-1. Answered as a decimal string, because a JavaScript number cannot carry a ComfyUI seed; accepts a string or an Int literal.',
  serialize: (value) => String(value),
  parseValue: (value) => asSeed(value),
  parseLiteral: (node) => asSeed(node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : undefined, node),
});

function asSeed(value: unknown, node?: ValueNode): string {
  const expected = 'an integer from 0 to 18446744073709551615';
  // A number above 2^53-1 has been rounded on its way here: another picture than the one that was asked for.
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw refused('Seed', `${expected}; above 9007199254740991 as a string`, value, node);
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^\d{1,20}$/.test(text) || BigInt(text) > MAX_SEED)
    throw refused('Seed', expected, value, node);
  return BigInt(text).toString();
}

/** A literal's fault is found by validation, which gives its own code; a variable's carries ours. */
function refused(scalar: string, expected: string, value: unknown, node?: ValueNode): GraphQLError {
  const shown = JSON.stringify(value)?.slice(0, 60) ?? 'this literal';
  const message = `${scalar} takes ${expected}, not ${shown}`;
  return node ? new GraphQLError(message, { nodes: node }) : badUserInput(message);
}
