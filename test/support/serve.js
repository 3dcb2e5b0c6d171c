/** The server as a process, with the timings of a test: TEST_TIMINGS, as JSON. */
import { serve } from '../../dist/serve.js';

serve(JSON.parse(process.env.TEST_TIMINGS));
