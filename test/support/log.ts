/** The log lines of an app in the test process. */
import { until } from './until.js';

// biome-ignore lint/suspicious/noExplicitAny: a line has whatever its event has
export type Line = any;

export class Log {
  text = '';

  write(line: string): void {
    this.text += line;
  }

  get lines(): Line[] {
    return this.text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  /** Waits for the first line with all these fields. */
  line(has: Record<string, unknown>): Promise<Line> {
    return until(
      () => this.lines.find((line) => Object.entries(has).every(([name, value]) => line[name] === value)),
      `a line with ${JSON.stringify(has)}`,
    );
  }
}
