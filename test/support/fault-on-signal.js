/** Loaded first into a process (`--import`): on SIGUSR2 it throws an uncaught error. */
import { isMainThread } from 'node:worker_threads';

const fail = () => {
  throw new Error('the fault', { cause: new Error('its cause') });
};

if (isMainThread)
  process.on('SIGUSR2', () => setTimeout(process.env.FAULT === 'rejection' ? () => void Promise.try(fail) : fail, 1));
