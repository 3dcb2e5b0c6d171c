/** Numbers as a reader wants them. */
export const number = (value) =>
  Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(Math.abs(value) >= 10 ? 3 : 2)));
export const perSecond = (value) => `${number(value)}/s`;
export const ms = (value) => `${number(value)} ms`;
export const seconds = (value) => `${number(value / 1_000)} s`;
export const kB = (bytes) => `${number(bytes / 1_000)} kB`;
const share = (value) => (value >= 10 ? value.toFixed(0) : value.toFixed(value >= 1 ? 1 : value < 0.1 ? 3 : 2));
export const ratio = ({ median }) => share(median);
export const spread = ({ lowest, highest }) => `${share(lowest)}–${share(highest)}`;
