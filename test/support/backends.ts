/** Waits for the backends: until they have told what they have, names are not judged, and work goes to those that have. */
import type { Client } from './client.js';
import { until } from './until.js';

export const allOnline = (client: Client): Promise<boolean> =>
  until(async () => {
    const { data } = await client.ask('{ backends { state } }');
    return data.backends.every(({ state }: { state: string }) => state === 'ONLINE');
  }, 'all backends to be online');
