/** Every migration, oldest first. Applied ones are never changed. */
import { Accounts } from './accounts.js';
import { Changes } from './changes.js';
import { Deliveries } from './deliveries.js';
import { Doors } from './doors.js';
import { History } from './history.js';
import { InitialSchema } from './initial-schema.js';
import { Listing } from './lists/listing.js';
import { ListingDays } from './lists/listing-days.js';
import { OutputKinds } from './lists/output-kinds.js';
import { Search } from './lists/search.js';
import { SearchBlocks } from './lists/search-blocks.js';
import { ModelFolders } from './model-folders.js';
import { Outputs } from './outputs.js';
import { Pool } from './pool.js';
import { WaitingSince } from './queue/waiting-since.js';
import { RateLimits } from './rate-limits.js';
import { Favorites } from './results/favorites.js';
import { Shares } from './results/shares.js';
import { SavedWorkflows } from './saved-workflows.js';
import { SharedRunner } from './shared-runner.js';
import { Uploads } from './uploads.js';

export const migrations = [
  { name: '2026-11-24-initial-schema', class: InitialSchema },
  { name: '2026-11-24-shared-runner', class: SharedRunner },
  { name: '2026-11-25-doors', class: Doors },
  { name: '2026-11-25-rate-limits', class: RateLimits },
  { name: '2026-11-27-search', class: Search },
  { name: '2026-11-27-changes', class: Changes },
  { name: '2026-11-27-pool', class: Pool },
  { name: '2026-11-27-accounts', class: Accounts },
  { name: '2026-11-27-history', class: History },
  { name: '2026-11-27-listing', class: Listing },
  { name: '2026-11-27-uploads', class: Uploads },
  { name: '2026-11-27-model-folders', class: ModelFolders },
  { name: '2026-11-27-saved-workflows', class: SavedWorkflows },
  { name: '2026-11-28-deliveries', class: Deliveries },
  { name: '2026-11-28-listing-days', class: ListingDays },
  { name: '2026-11-28-outputs', class: Outputs },
  { name: '2026-11-28-favorites', class: Favorites },
  { name: '2026-11-28-shares', class: Shares },
  { name: '2026-11-28-output-kinds', class: OutputKinds },
  { name: '2026-11-28-waiting-since', class: WaitingSince },
  { name: '2026-11-28-search-blocks', class: SearchBlocks },
];
