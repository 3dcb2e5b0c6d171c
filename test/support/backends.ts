/** Waits until all backends are online: before that, model names are not validated, and work goes only to the online ones. */
import type { Client } from './client.js';
import { until } from './until.js';

export const allOnline = (client: Client): Promise<boolean> =>
  until(async () => {
    const { data } = await client.ask('{ backends { state } }');
    return data.backends.every(({ state }: { state: string }) => state === 'ONLINE');
  }, 'all backends to be online');
