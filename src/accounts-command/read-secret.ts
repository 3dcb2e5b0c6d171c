/** Reads one line without echo from a terminal, otherwise from standard input. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

const INTERRUPTED = 130;

export async function readSecret(question: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) {
    for await (const line of createInterface({ input: stdin })) return line;
    return '';
  }
  stderr.write(question);
  const discard = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: stdin, output: discard, terminal: true });
  reader.once('SIGINT', () => process.exit(INTERRUPTED));
  try {
    return await reader.question('');
  } finally {
    reader.close();
    stderr.write('\n');
  }
}
