/** The server as it runs in production. */
import { serve } from './serve.js';
import { TIMINGS } from './timings.js';

serve(TIMINGS);
