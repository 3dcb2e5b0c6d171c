/** The scalars of the schema. An invalid value in a variable is BAD_USER_INPUT; an invalid literal fails validation. */
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSON } from 'graphql-scalars';

/** An instant, always written in UTC with milliseconds. Serializes a Date or PostgreSQL's text; parses RFC 3339. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'An instant, RFC 3339 in UTC: 2026-11-23T18:00:00.000Z.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (value) => (typeof value === 'string' && inUtc(value)) || new Date(value as string | Date).toISOString(),
  parseValue: (value) => asInstant(value),
  parseLiteral: (node) => asInstant(node.kind === Kind.STRING ? node.value : undefined, node),
});

/** PostgreSQL's text in the time zone UTC. `Date` takes five times as long to read it, and a page has dozens. */
const UTC = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d*)?\+00$/;

/** Undefined for any other text. */
function inUtc(text: string): string | undefined {
  const [, date, time, fraction = ''] = UTC.exec(text) ?? [];
  return date && `${date}T${time}.${fraction.padEnd(3, '0')}Z`;
}

function asInstant(value: unknown, node?: ValueNode): Date {
  try {
    return GraphQLDateTimeISO.parseValue(value) as Date;
  } catch {
    throw invalidValue('DateTime', 'an RFC 3339 instant such as "2026-11-23T18:00:00.000Z"', value, node);
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
    'An integer from 0 to 2^64-1. Returned as a decimal string, because a JavaScript number cannot hold every ComfyUI seed; accepts a string or an Int literal.',
  serialize: (value) => String(value),
  parseValue: (value) => asSeed(value),
  parseLiteral: (node) => asSeed(node.kind === Kind.INT || node.kind === Kind.STRING ? node.value : undefined, node),
});

function asSeed(value: unknown, node?: ValueNode): string {
  const expected = 'an integer from 0 to 18446744073709551615';
  // JSON.parse has rounded a number above 2^53-1: it would be the seed of another picture.
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw invalidValue('Seed', `${expected}; above 9007199254740991 as a string`, value, node);
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^\d{1,20}$/.test(text) || BigInt(text) > MAX_SEED)
    throw invalidValue('Seed', expected, value, node);
  return BigInt(text).toString();
}

/** A GraphQLError and no Refusal: graphql-js puts words of its own before the message of any other error. */
function invalidValue(scalar: string, expected: string, value: unknown, node?: ValueNode): GraphQLError {
  const shown = JSON.stringify(value)?.slice(0, 60) ?? 'this literal';
  return new GraphQLError(`${scalar} takes ${expected}, not ${shown}`, { nodes: node ?? null });
}
