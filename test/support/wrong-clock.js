/**
 * Loaded into a process before anything else (`--import`): its clock is wrong in every thread, by CLOCK_OFF_MS, or by what the file
 * CLOCK_FILE says now, which makes it step.
 */
import { readFileSync } from 'node:fs';

const REREAD_INTERVAL_MS = 50;

const { CLOCK_OFF_MS, CLOCK_FILE } = process.env;
const RightDate = Date;
let offMs = Number(CLOCK_OFF_MS ?? 0);

if (CLOCK_FILE) {
  const reread = () => {
    offMs = Number(readFileSync(CLOCK_FILE, 'utf8'));
  };
  reread();
  setInterval(reread, REREAD_INTERVAL_MS).unref();
}

globalThis.Date = class extends RightDate {
  constructor(...given) {
    super(...(given.length > 0 ? given : [RightDate.now() + offMs]));
  }

  static now() {
    return RightDate.now() + offMs;
  }
};
