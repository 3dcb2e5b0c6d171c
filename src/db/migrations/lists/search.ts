/** A function for searching that ignores case and Unicode composition. */
import { Migration } from '@mikro-orm/migrations';

export class Search extends Migration {
  override up(): void {
    this.addSql(CREATE_FOLDED);
  }
}

/**
 * NFKC unifies composed and decomposed letters, full-width letters and ligatures. PostgreSQL 18 has Unicode case folding (ß is ss); for
 * older versions ICU's upper case comes close, and the database's own is the last resort. The Turkish İ and ı count as i, because the
 * lower case of I depends on the language, which a search does not know. Normalizing takes ten times as long as the rest; ASCII, which is
 * most prompts, needs none.
 */
const CREATE_FOLDED = `
  do $do$
  declare
    fold text := case
      when current_setting('server_version_num')::int >= 180000 then 'casefold(%s collate pg_unicode_fast)'
      when exists (select from pg_collation where collname = 'und-x-icu')
        then 'upper(lower(%s collate "und-x-icu") collate "und-x-icu")'
      else 'upper(lower(%s))'
    end;
    composed text := $$translate(normalize(value, nfkc), U&'\\0130\\0131', 'ii')$$;
  begin
    execute format(
      'create function folded(value text) returns text language sql immutable strict parallel safe
       return case when octet_length(value) = length(value) then %s else normalize(%s, nfkc) end',
      format(fold, 'value'), format(fold, composed)
    );
  end
  $do$`;
