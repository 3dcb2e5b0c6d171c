/** The log for people at a terminal: a line for each event, in local time, with what belongs to it behind the message. */
import { stripVTControlCharacters } from 'node:util';

const LEVELS: Record<number, { name: string; color: number }> = {
  10: { name: 'TRACE', color: 90 },
  20: { name: 'DEBUG', color: 90 },
  30: { name: 'INFO', color: 32 },
  40: { name: 'WARN', color: 33 },
  50: { name: 'ERROR', color: 31 },
  60: { name: 'FATAL', color: 31 },
};
const DIM = 2;
/** What says the same in every line, or is printed in a way of its own. */
const HIDDEN = new Set(['level', 'time', 'pid', 'hostname', 'name', 'msg', 'err', 'open']);

type Output = { write(text: string): unknown };

/** @param colors whether the terminal shows them */
export const prettyLog = (output: Output, colors: boolean): Output => ({
  write: (line) => output.write(prettyLine(line, colors)),
});

/** @param line as pino writes it; what is no such line stays as it is */
export function prettyLine(line: string, colors: boolean): string {
  let event: Record<string, unknown>;
  try {
    event = JSON.parse(line);
  } catch {
    return line;
  }
  const paint = (text: string, color: number) => (colors && text !== '' ? `\x1b[${color}m${text}\x1b[0m` : text);
  const { name, color } = LEVELS[Number(event.level)] ?? { name: String(event.level), color: DIM };
  const addresses = Array.isArray(event.open) ? event.open.map(String) : [];
  const fields = Object.entries(event)
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  // An address has a line of its own, for terminals that open what is clicked, and for people who copy it.
  const message = addresses.reduce((text, address) => text.replace(` ${address}`, ''), clean(event.msg));
  const first = [
    paint(new Date(Number(event.time)).toLocaleTimeString(undefined, { hour12: false }), DIM),
    paint(name.padEnd(5), color),
    message,
    paint(clean(fields.join(' ')), DIM),
  ];
  const lines = [first.filter(Boolean).join(' ')];
  if (addresses.length > 0) lines.push('', ...addresses.map((address) => `    ${clean(address)}`), '');
  return `${[...lines, ...stackOf(event.err)].join('\n')}\n`;
}

function stackOf(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return [];
  const { type, message, stack, cause } = error as Record<string, unknown>;
  const text = typeof stack === 'string' ? stack : `${type}: ${message}`;
  return [...text.split('\n').map((line) => `    ${clean(line)}`), ...stackOf(cause)];
}

/** What others have written must not steer the terminal. */
const clean = (text: unknown): string => stripVTControlCharacters(String(text ?? '')).replace(/\p{Cc}/gu, ' ');
