/** Finds the oldest waiting generation without reading the others: for metrics, and for the timeout of the queue. */
import { Migration } from '@mikro-orm/migrations';

export class WaitingSince extends Migration {
  override up(): void {
    this.addSql('create index generations_waiting_since on generations (created_at) where waiting');
  }
}
