/** The server as it runs in production. */

import { TIMINGS } from './process/timings.js';
import { serve } from './serve.js';

serve(TIMINGS);
