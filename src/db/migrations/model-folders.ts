/** Models of every folder: more kinds, and the folder of those without a kind of their own. */
import { Migration } from '@mikro-orm/migrations';

export class ModelFolders extends Migration {
  override up(): void {
    this.addSql(`alter table models add column folder text not null default '',
      drop constraint models_kind_check,
      drop constraint models_kind_filename_unique,
      drop constraint models_kind_name_unique`);
    this.addSql(`alter table models
      add constraint models_kind_folder_name_unique unique (kind, folder, name),
      add constraint models_kind_folder_filename_unique unique (kind, folder, filename),
      add constraint models_kind_check check (kind in ('CHECKPOINT', 'DIFFUSION_MODEL', 'TEXT_ENCODER', 'CLIP_VISION', 'LORA', 'VAE',
        'UPSCALER', 'LATENT_UPSCALER', 'CONTROLNET', 'STYLE_MODEL', 'MODEL_PATCH', 'EMBEDDING', 'OTHER'))`);
  }
}
