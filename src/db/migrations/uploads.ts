/** Files that users upload as inputs of their generations. */
import { Migration } from '@mikro-orm/migrations';

export class Uploads extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `create table uploads (
     id uuid not null,
     user_id uuid not null,
     content_type text not null,
     byte_size int not null,
     filename text null,
     file text null,
     hash text null,
     width int null,
     height int null,
     created_at timestamptz not null default now(),
     expires_at timestamptz(0) not null default now() + interval '1 hour',
     primary key (id)
   )`,
  `create index uploads_user_id_index on uploads (user_id)`,
  `create index uploads_expires_at_index on uploads (expires_at)`,
  `alter table uploads add constraint uploads_user_id_foreign foreign key (user_id) references users (id) on delete cascade`,
];
