/** The first version of the schema. */
import { Migration } from '@mikro-orm/migrations';

export class InitialSchema extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = `
create table backends (
  id uuid not null,
  name text not null,
  url text not null,
  state text not null default 'OFFLINE',
  reason text null,
  version text null,
  device text null,
  running int not null default 0,
  pending int not null default 0,
  last_seen_at timestamptz null,
  primary key (id)
);
alter table backends add constraint backends_url_unique unique (url);
alter table backends add constraint backends_state_check check (state in ('ONLINE', 'OFFLINE', 'DRAINING'));
create table models (
  id uuid not null,
  kind text not null,
  name text not null,
  filename text not null,
  primary key (id)
);
alter table models add constraint models_kind_filename_unique unique (kind, filename);
alter table models add constraint models_kind_name_unique unique (kind, name);
alter table models add constraint models_kind_check check (kind in ('CHECKPOINT', 'DIFFUSION_MODEL', 'TEXT_ENCODER', 'LORA', 'VAE', 'UPSCALER', 'CONTROLNET', 'EMBEDDING'));
create table backend_models (
  model_id uuid not null,
  backend_id uuid not null,
  primary key (model_id, backend_id)
);
create table users (
  id uuid not null,
  email text not null,
  name text null,
  password_hash text not null,
  role text not null default 'USER',
  created_at timestamptz not null default now(),
  primary key (id)
);
alter table users add constraint users_email_unique unique (email);
alter table users add constraint users_role_check check (role in ('USER', 'ADMIN'));
create table sessions (
  id uuid not null,
  user_id uuid not null,
  refresh_hash bytea not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (id)
);
create index sessions_user_id_index on sessions (user_id);
create table generations (
  id uuid not null,
  user_id uuid not null,
  status text not null default 'PENDING',
  revision int not null default 1,
  prompt text not null,
  negative_prompt text not null,
  workflow_name text not null,
  workflow_version int not null,
  model_id uuid null,
  seed numeric(20,0) null,
  parameters jsonb not null,
  source_file text null,
  rank smallint not null default 0,
  waiting boolean not null default true,
  run_after timestamptz not null default now(),
  attempt int not null default 0,
  fence int not null default 0,
  crashes int not null default 0,
  failure jsonb null,
  created_at timestamptz(3) not null default now(),
  started_at timestamptz null,
  completed_at timestamptz(3) null,
  updated_at timestamptz not null default now(),
  deleted_at timestamptz null,
  primary key (id)
);
create index generations_model on generations (model_id);
create index generations_tombstones on generations (deleted_at) where deleted_at is not null;
create index generations_next on generations (rank, created_at, id) include (run_after) where waiting;
create index generations_changed on generations (user_id, updated_at);
create index generations_completed on generations (user_id, coalesce(completed_at, 'infinity'), id) where deleted_at is null;
create index generations_newest on generations (user_id, created_at, id) where deleted_at is null;
alter table generations add constraint generations_status_check check (status in ('PENDING', 'PROCESSING', 'CANCELING', 'COMPLETED', 'FAILED', 'CANCELED'));
create table results (
  id uuid not null,
  generation_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (id)
);
alter table results add constraint results_generation_id_unique unique (generation_id);
create table images (
  id uuid not null,
  result_id uuid not null,
  position int not null,
  file text not null,
  content_type text not null,
  width int not null,
  height int not null,
  byte_size int not null,
  thumb_hash text null,
  primary key (id)
);
alter table images add constraint images_result_id_position_unique unique (result_id, position);
create table prompts (
  id uuid not null,
  generation_id uuid not null,
  attempt int not null,
  backend_id uuid not null,
  place int not null,
  holder int not null,
  lease_until timestamptz not null,
  fence int not null,
  graph text null,
  submitted_at timestamptz null,
  ended_at timestamptz null,
  progress jsonb null,
  progress_at timestamptz null,
  created_at timestamptz not null default now(),
  primary key (id)
);
create index prompts_generation on prompts (generation_id);
create index prompts_open on prompts (lease_until) where ended_at is null;
create unique index prompts_place on prompts (backend_id, place) where ended_at is null;
alter table backend_models add constraint backend_models_model_id_foreign foreign key (model_id) references models (id) on update cascade on delete cascade;
alter table backend_models add constraint backend_models_backend_id_foreign foreign key (backend_id) references backends (id) on update cascade on delete cascade;
alter table sessions add constraint sessions_user_id_foreign foreign key (user_id) references users (id) on delete cascade;
alter table generations add constraint generations_user_id_foreign foreign key (user_id) references users (id) on delete cascade;
alter table generations add constraint generations_model_id_foreign foreign key (model_id) references models (id) on delete set null;
alter table results add constraint results_generation_id_foreign foreign key (generation_id) references generations (id) on delete cascade;
alter table images add constraint images_result_id_foreign foreign key (result_id) references results (id) on delete cascade;
alter table prompts add constraint prompts_generation_id_foreign foreign key (generation_id) references generations (id) on delete cascade;
alter table prompts add constraint prompts_backend_id_foreign foreign key (backend_id) references backends (id);

-- The newest frame of a running generation. Lost in a crash, like the frame itself: no log is written for it.
create unlogged table previews (
  generation_id uuid primary key references generations (id) on delete cascade,
  number int not null,
  content_type text not null,
  frame bytea not null
);
`
  .split(';\n')
  .map((statement) => statement.trim())
  .filter((statement) => statement !== '');
