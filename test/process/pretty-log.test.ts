/** The log in a terminal. */
import { createLogger } from '../../src/process/logger.js';
import { prettyLine, prettyLog } from '../../src/process/pretty-log.js';
import { Log } from '../support/log.js';

const at = new Date(2026, 0, 2, 15, 4, 5);
const shown = (event: object, colors = false) =>
  prettyLine(
    `${JSON.stringify({ level: 30, time: at.getTime(), pid: 1, hostname: 'h', name: 'comfygraph', ...event })}\n`,
    colors,
  );

test('an event is one line, in local time, with its fields after the message', () => {
  expect(shown({ msg: 'ComfyUI is online', backend: 'gpu-a', jobs: 2 })).toBe(
    '15:04:05 INFO  ComfyUI is online backend=gpu-a jobs=2\n',
  );
  expect(shown({ level: 40, msg: 'ComfyUI is offline' })).toBe('15:04:05 WARN  ComfyUI is offline\n');
});

test('each address to open has its own line', () => {
  const open = ['http://127.0.0.1:4000/', 'http://192.168.1.20:4000/'];
  const text = shown({ msg: `ready: open ${open[0]}`, open });
  expect(text.split('\n').map((line) => line.trim())).toEqual(['15:04:05 INFO  ready: open', '', ...open, '', '']);
});

test('an error is shown with its stack and its cause, line by line', () => {
  const log = new Log();
  const logger = createLogger('info', prettyLog(log, false));
  logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'it broke');
  expect(log.text).toMatch(/ERROR it broke\n {4}Error: outer\n {8}at .*\n(.*\n)* {4}Error: inner\n/);
});

test('control sequences and line breaks in values are removed', () => {
  expect(shown({ msg: 'x', reason: '\u001b[2J\u0007a\nb' })).toBe('15:04:05 INFO  x reason= a b\n');
});

test('colors are used only in terminals that support them', () => {
  expect(shown({ msg: 'x' })).not.toContain('\u001b');
  expect(shown({ msg: 'x' }, true)).toContain('\u001b[32mINFO');
});

test('text that is not JSON is printed unchanged', () => {
  expect(prettyLine('hello\n', true)).toBe('hello\n');
});
