/** The process: configuration, the app, signals. Exits if it cannot start, and after a signal to stop. */
import type { DestinationStream } from 'pino';
import { type App, startApp } from './app.js';
import { type Config, ConfigError, readConfig, VARIABLES } from './config.js';
import { createLogger } from './process/logger.js';
import { findMisspelled } from './process/misspelled-variables.js';
import { onNpmExit } from './process/npm-parent.js';
import { prettyLog } from './process/pretty-log.js';
import { StartError } from './process/start-error.js';
import type { AppTimings } from './timings.js';

const MIN_NODE = 22;
const FORCE_EXIT_TIMEOUT_MS = 10_000;

export function serve(timings: AppTimings): void {
  run(timings).catch((error) => {
    // Expected errors are a sentence for the operator; unexpected ones need their stack.
    const isSentence = error instanceof ConfigError || error instanceof StartError;
    process.stderr.write(`${isSentence ? error.message : (error.stack ?? error)}\n`);
    process.exit(1);
  });
}

async function run(timings: AppTimings): Promise<void> {
  if (Number(process.versions.node.split('.')[0]) < MIN_NODE)
    throw new StartError(
      `ComfyGraph runs on Node ${MIN_NODE} or newer; npm start brings its own, this is ${process.version}`,
    );
  const config = readConfig(process.env);
  // The server runs on without its terminal or log reader. (Without a stream pino would retry for ever at exit.)
  for (const output of [process.stdout, process.stderr]) output.on('error', () => {});
  const logger = createLogger(config.logLevel, outputOf(config));
  for (const { variable, meant } of findMisspelled(process.env, VARIABLES))
    logger.warn({ variable }, `${variable} is not a variable of ComfyGraph${meant ? `: did you mean ${meant}?` : ''}`);
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught exception');
    process.exit(1);
  });

  let starting: Promise<App> | undefined;
  let isClosing = false;
  const shutDown = async (signal: NodeJS.Signals) => {
    // npm forwards a Ctrl+C that the terminal has already sent to this process.
    if (isClosing) return;
    isClosing = true;
    logger.info({ signal }, 'shutting down');
    setTimeout(() => {
      logger.error('shutdown timed out');
      process.exit(1);
    }, FORCE_EXIT_TIMEOUT_MS).unref();
    // An app can be closed only after it has started.
    const app = await starting?.catch(() => undefined);
    await app?.close();
    logger.info('closed');
    process.exit(0);
  };
  process.on('SIGINT', shutDown);
  process.on('SIGTERM', shutDown);
  // A closed terminal; without a terminal nohup may ignore SIGHUP.
  if (process.stdout.isTTY) process.on('SIGHUP', shutDown);
  onNpmExit(process.env, () => void shutDown('SIGTERM'));

  starting = startApp(config, logger, timings);
  try {
    const { url, networkUrls, isSimulated } = await starting;
    const open = [url, ...networkUrls, config.publicUrl ?? []].flat().map((each) => `${each}/`);
    if (!isClosing)
      logger.info({ url, open, comfyui: isSimulated ? 'simulator' : 'COMFYUI_URL' }, `ready: open ${open[0]}`);
  } catch (error) {
    // Ctrl+C also ends the child processes that the start waits for.
    if (!isClosing) throw error;
  }
}

function outputOf({ logFormat }: Config): DestinationStream {
  const { stdout } = process;
  const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && stdout.isTTY);
  return isPretty ? prettyLog(stdout, stdout.isTTY && stdout.hasColors()) : stdout;
}
