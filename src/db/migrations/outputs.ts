/** Outputs of every kind, and bytes that are stored once for each account. */
import { Migration } from '@mikro-orm/migrations';

export class Outputs extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement);
  }
}

const statements = [
  `create table blobs (
     file text not null,
     user_id uuid not null,
     hash text null,
     byte_size bigint not null,
     created_at timestamptz not null default now(),
     primary key (file),
     constraint blobs_user_id_hash_unique unique (user_id, hash)
   )`,
  `alter table blobs add constraint blobs_user_id_foreign foreign key (user_id) references users (id) on delete cascade`,

  // Of equal uploads of one account the first is found by its hash. The size of an input's copy is unknown; it had an original.
  `insert into blobs (file, user_id, hash, byte_size)
   select file, user_id, case when row_number() over (partition by user_id, hash order by file) = 1 then hash end, byte_size
   from (select distinct on (file) file, user_id, hash, byte_size from uploads where file is not null order by file) u`,
  `insert into blobs (file, user_id, byte_size)
   select distinct on (i.file) i.file, g.user_id, i.byte_size
   from images i join results r on r.id = i.result_id join generations g on g.id = r.generation_id order by i.file`,
  `create table generation_inputs (
     generation_id uuid not null,
     file text not null,
     primary key (generation_id, file)
   )`,
  `insert into generation_inputs (generation_id, file)
   select distinct g.id, each.value from generations g cross join jsonb_each_text(g.input_files) each`,
  `insert into blobs (file, user_id, byte_size)
   select distinct on (i.file) i.file, g.user_id, 0 from generation_inputs i join generations g on g.id = i.generation_id order by i.file
   on conflict do nothing`,
  `alter table generation_inputs
     add constraint generation_inputs_generation_id_foreign foreign key (generation_id) references generations (id) on delete cascade,
     add constraint generation_inputs_file_foreign foreign key (file) references blobs (file)`,
  `create index generation_inputs_file_index on generation_inputs (file)`,

  `alter table uploads drop column hash`,
  `alter table uploads add constraint uploads_file_foreign foreign key (file) references blobs (file)`,
  `create index uploads_file_index on uploads (file)`,

  `alter table results add column texts jsonb not null default '[]', add column problems jsonb not null default '[]'`,
  `alter table images
     alter column byte_size type bigint,
     add column hash text null,
     add column is_animated boolean not null default false,
     add column output text not null default 'image'`,
  `alter table images add constraint images_file_foreign foreign key (file) references blobs (file)`,
  `create index images_file_index on images (file)`,
  `create table files (
     id uuid not null,
     result_id uuid not null,
     position int not null,
     kind text not null,
     file text not null,
     content_type text not null,
     byte_size bigint not null,
     hash text not null,
     width int null,
     height int null,
     duration double precision null,
     poster text null,
     output text not null,
     primary key (id),
     constraint files_result_id_position_unique unique (result_id, position),
     constraint files_kind_check check (kind in ('IMAGE', 'VIDEO', 'AUDIO', 'MODEL_3D', 'TEXT', 'LATENT', 'FILE'))
   )`,
  `alter table files
     add constraint files_result_id_foreign foreign key (result_id) references results (id) on delete cascade,
     add constraint files_file_foreign foreign key (file) references blobs (file),
     add constraint files_poster_foreign foreign key (poster) references blobs (file)`,
  `create index files_file_index on files (file)`,
  `create index files_poster_index on files (poster)`,
];
