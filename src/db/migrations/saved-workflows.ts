/** Workflows that users save, and any number of input files of a generation. */
import { Migration } from '@mikro-orm/migrations';

const STATEMENTS = [
  `create table workflows (
     id uuid not null,
     owner_id uuid null,
     name text not null,
     version int not null,
     title text null,
     description text null,
     graph json not null,
     inputs jsonb not null,
     outputs jsonb not null,
     is_shared boolean not null default false,
     is_listed boolean not null default true,
     created_at timestamptz(3) not null default now(),
     deleted_at timestamptz null,
     primary key (id)
   )`,
  `alter table workflows add constraint workflows_owner_id_name_version_unique unique (owner_id, name, version)`,
  `create index workflows_shared on workflows (name, version) where is_shared and deleted_at is null`,
  `alter table workflows add constraint workflows_owner_id_foreign foreign key (owner_id) references users (id) on delete set null`,

  // Null for a built-in workflow.
  `alter table generations add column workflow_id uuid null`,
  `create index generations_workflow on generations (workflow_id) where workflow_id is not null`,
  `alter table generations add constraint generations_workflow_id_foreign foreign key (workflow_id) references workflows (id)`,

  // The storage keys by the name of the input.
  `alter table generations add column input_files jsonb not null default '{}'`,
  `update generations set input_files = jsonb_build_object('source', source_file) where source_file is not null`,
  `alter table generations drop column source_file`,
];

export class SavedWorkflows extends Migration {
  override up(): void {
    for (const statement of STATEMENTS) this.addSql(statement);
  }
}
