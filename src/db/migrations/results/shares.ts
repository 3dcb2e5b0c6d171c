/** Public links to generations. */
import { Migration } from '@mikro-orm/migrations';

export class Shares extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}

const STATEMENTS = [
  `create table shares (
     id uuid not null,
     generation_id uuid not null,
     created_at timestamptz not null default now(),
     expires_at timestamptz null,
     primary key (id),
     constraint shares_generation_id_unique unique (generation_id)
   )`,
  `alter table shares add constraint shares_generation_id_foreign
     foreign key (generation_id) references generations (id) on delete cascade`,
];
