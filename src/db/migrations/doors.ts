/** Credentials that can be revoked: sessions, API keys, disabled accounts. */
import { Migration } from '@mikro-orm/migrations';

export class Doors extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `alter table users add column disabled_at timestamptz null`,

  // Refresh tokens are signed now and only their number is stored. Earlier sessions end here.
  `delete from sessions`,
  `alter table sessions drop column refresh_hash, add column refresh_number int not null default 0`,

  `create table api_keys (
     id uuid not null,
     user_id uuid not null,
     name text not null,
     prefix text not null,
     secret_hash bytea not null,
     created_at timestamptz(3) not null default now(),
     expires_at timestamptz(3) null,
     last_used_at timestamptz(3) null,
     primary key (id)
   )`,
  `alter table api_keys add constraint api_keys_secret_hash_unique unique (secret_hash)`,
  `create index api_keys_user_id_index on api_keys (user_id)`,
  `alter table api_keys add constraint api_keys_user_id_foreign foreign key (user_id) references users (id) on delete cascade`,
];
