/** Loaded into a process before anything else (`--import`): its clock is wrong by CLOCK_OFF_MS, in every thread. */
const offMs = Number(process.env.CLOCK_OFF_MS);
const RightDate = Date;

globalThis.Date = class extends RightDate {
  constructor(...given) {
    super(...(given.length > 0 ? given : [RightDate.now() + offMs]));
  }

  static now() {
    return RightDate.now() + offMs;
  }
};
