/** The log for people. */
import { createLogger } from '../../src/process/logger.js';
import { prettyLine, prettyLog } from '../../src/process/pretty-log.js';
import { Log } from '../support/log.js';

const at = new Date(2026, 0, 2, 15, 4, 5);
const shown = (event: object, colors = false) =>
  prettyLine(
    `${JSON.stringify({ level: 30, time: at.getTime(), pid: 1, hostname: 'h', name: 'comfygraph', ...event })}\n`,
    colors,
  );

test('an event is one line, in local time, with its fields behind the message', () => {
  expect(shown({ msg: 'ComfyUI is online', backend: 'gpu-a', jobs: 2 })).toBe(
    '15:04:05 INFO  ComfyUI is online backend=gpu-a jobs=2\n',
  );
  expect(shown({ level: 40, msg: 'ComfyUI is offline' })).toBe('15:04:05 WARN  ComfyUI is offline\n');
});

test('every address to open is on a line of its own', () => {
  const open = ['http://127.0.0.1:4000/graphiql', 'http://192.168.1.20:4000/graphiql'];
  const text = shown({ msg: `ready: open ${open[0]}`, open });
  expect(text.split('\n').map((line) => line.trim())).toEqual(['15:04:05 INFO  ready: open', '', ...open, '', '']);
});

test('an error is shown with its stack and its cause, line by line', () => {
  const log = new Log();
  const logger = createLogger('info', prettyLog(log, false));
  logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'it broke');
  expect(log.text).toMatch(/ERROR it broke\n {4}Error: outer\n {8}at .*\n(.*\n)* {4}Error: inner\n/);
});

test('what others have written neither steers the terminal nor makes lines', () => {
  expect(shown({ msg: 'x', reason: '\u001b[2J\u0007a\nb' })).toBe('15:04:05 INFO  x reason= a b\n');
});

test('colours are for terminals that show them', () => {
  expect(shown({ msg: 'x' })).not.toContain('\u001b');
  expect(shown({ msg: 'x' }, true)).toContain('\u001b[32mINFO');
});

test('what is no event is shown as it is', () => {
  expect(prettyLine('hello\n', true)).toBe('hello\n');
});
