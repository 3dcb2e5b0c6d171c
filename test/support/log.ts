/** The log of an app that runs within the tests, line by line. */
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

  /** The first line with all of this, as soon as it is there. */
  line(has: Record<string, unknown>): Promise<Line> {
    return until(
      () => this.lines.find((line) => Object.entries(has).every(([name, value]) => line[name] === value)),
      `a line with ${JSON.stringify(has)}`,
    );
  }
}
