/** The S3 server as a process of its own, which tests kill: S3_PORT, and S3_FOLDER for its objects. Prints its address. */
import { startS3 } from './server.js';

const { url } = await startS3({ port: Number(process.env.S3_PORT), folder: String(process.env.S3_FOLDER) });
process.stdout.write(`S3 server: ${url}\n`);
