/** Records which prompts were deleted from ComfyUI's history. */
import { Migration } from '@mikro-orm/migrations';

export class History extends Migration {
  override up(): void {
    this.addSql(`alter table prompts add column forgotten_at timestamptz null`);
  }
}
