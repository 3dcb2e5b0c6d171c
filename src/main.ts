/** The server as it runs in production. */
import { serve } from './serve.js';
import { APP_TIMINGS } from './timings.js';

serve(APP_TIMINGS);
