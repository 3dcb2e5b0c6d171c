/** The log in a terminal: one line per event, in local time, with the fields after the message. */
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
/** Fields that are equal in every line, or printed separately. */
const HIDDEN = new Set(['level', 'time', 'pid', 'hostname', 'name', 'msg', 'err', 'open']);

type Output = { write(text: string): unknown };

/** @param colors whether the terminal supports them */
export const prettyLog = (output: Output, colors: boolean): Output => ({
  write: (line) => output.write(prettyLine(line, colors)),
});

/** @param line written by pino; any other text is returned unchanged */
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
  // Each address has its own line, so that it is easy to click or copy.
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

/** Text of other parties must not contain control sequences for the terminal. */
const clean = (text: unknown): string => stripVTControlCharacters(String(text ?? '')).replace(/\p{Cc}/gu, ' ');
