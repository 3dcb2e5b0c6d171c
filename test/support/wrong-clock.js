/**
 * Loaded first into a process (`--import`): shifts its clock in every thread, by CLOCK_OFF_MS, or by the current content of the file CLOCK_FILE.
 */
import { readFileSync } from 'node:fs';

const REREAD_INTERVAL_MS = 50;

const { CLOCK_OFF_MS, CLOCK_FILE } = process.env;
const RealDate = Date;
let offMs = Number(CLOCK_OFF_MS ?? 0);

if (CLOCK_FILE) {
  const reread = () => {
    offMs = Number(readFileSync(CLOCK_FILE, 'utf8'));
  };
  reread();
  setInterval(reread, REREAD_INTERVAL_MS).unref();
}

globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length > 0 ? given : [RealDate.now() + offMs]));
  }

  static now() {
    return RealDate.now() + offMs;
  }
};
