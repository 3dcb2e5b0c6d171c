/** The process: configuration, the app, signals. Ends the process when it cannot start, and after it was told to stop. */
import type { DestinationStream } from 'pino';
import { type App, startApp } from './app.js';
import { type Config, ConfigError, readConfig, VARIABLES } from './config.js';
import { createLogger } from './process/logger.js';
import { whenNpmEnds } from './process/npm-parent.js';
import { prettyLog } from './process/pretty-log.js';
import { StartError } from './process/start-error.js';
import { findMisspelled } from './process/unknown-variables.js';
import type { AppTimings } from './timings.js';

const LEAST_NODE = 22;
const FORCE_EXIT_AFTER_MS = 10_000;

export function serve(timings: AppTimings): void {
  run(timings).catch((error) => {
    // What whoever runs it has to know is a sentence; a stack is for what nobody expected.
    const isSentence = error instanceof ConfigError || error instanceof StartError;
    process.stderr.write(`${isSentence ? error.message : (error.stack ?? error)}\n`);
    process.exit(1);
  });
}

async function run(timings: AppTimings): Promise<void> {
  if (Number(process.versions.node.split('.')[0]) < LEAST_NODE)
    throw new StartError(
      `ComfyGraph runs on Node ${LEAST_NODE} or newer; npm start brings its own, this is ${process.version}`,
    );
  const config = readConfig(process.env);
  // A terminal or a reader that is gone is no reason to stop. (Given no stream, pino tries again for ever at the end.)
  for (const output of [process.stdout, process.stderr]) output.on('error', () => {});
  const logger = createLogger(config.logLevel, outputOf(config));
  for (const { variable, meant } of findMisspelled(process.env, VARIABLES))
    logger.warn({ variable }, `${variable} is no variable of ComfyGraph${meant ? `: did you mean ${meant}?` : ''}`);
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'a fault that nobody caught');
    process.exit(1);
  });

  let starting: Promise<App> | undefined;
  let isClosing = false;
  const shutDown = async (signal: NodeJS.Signals) => {
    // npm passes on a Ctrl+C that the terminal has already brought: twice is once.
    if (isClosing) return;
    isClosing = true;
    logger.info({ signal }, 'shutting down');
    setTimeout(() => {
      logger.error('closing takes too long');
      process.exit(1);
    }, FORCE_EXIT_AFTER_MS).unref();
    // What is being started can be closed once it has started.
    const app = await starting?.catch(() => undefined);
    await app?.close();
    logger.info('closed');
    process.exit(0);
  };
  process.on('SIGINT', shutDown);
  process.on('SIGTERM', shutDown);
  // A terminal that is closed; without one it is nohup that keeps it away.
  if (process.stdout.isTTY) process.on('SIGHUP', shutDown);
  whenNpmEnds(process.env, () => void shutDown('SIGTERM'));

  starting = startApp(config, logger, timings);
  try {
    const { url, networkUrls, isSimulated } = await starting;
    const open = [url, ...networkUrls, config.publicUrl ?? []].flat().map((each) => `${each}/graphiql`);
    if (!isClosing)
      logger.info({ url, open, comfyui: isSimulated ? 'simulator' : 'COMFYUI_URL' }, `ready: open ${open[0]}`);
  } catch (error) {
    // Ctrl+C also ends what the start has set to work.
    if (!isClosing) throw error;
  }
}

function outputOf({ logFormat }: Config): DestinationStream {
  const { stdout } = process;
  const isForPeople = logFormat === 'pretty' || (logFormat === 'auto' && stdout.isTTY);
  return isForPeople ? prettyLog(stdout, stdout.isTTY && stdout.hasColors()) : stdout;
}
