/** Runs the server with the timings of a test, from TEST_TIMINGS as JSON. */
import { serve } from '../../dist/serve.js';

serve(JSON.parse(process.env.TEST_TIMINGS));
