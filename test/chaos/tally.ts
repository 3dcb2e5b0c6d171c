/** How often each kind of fault happened, and which generations were unfinished then. */
import pg from 'pg';

export type Row = {
  /** Processes killed or restarts made; for what kills nothing, how often it was done. */
  times: number;
  /** How often the point was waited for in vain. */
  missed: number;
  /** The generations that were unfinished at one of these moments. */
  touched: Set<string>;
};

export class Tally {
  readonly rows = new Map<string, Row>();
  kills = 0;
  readonly #database: pg.Client;

  private constructor(database: pg.Client) {
    this.#database = database;
  }

  static async open(databaseUrl: string): Promise<Tally> {
    const database = new pg.Client({ connectionString: databaseUrl });
    database.on('error', () => {});
    await database.connect();
    return new Tally(database);
  }

  row(name: string): Row {
    const row = this.rows.get(name) ?? { times: 0, missed: 0, touched: new Set() };
    this.rows.set(name, row);
    return row;
  }

  /** Something is about to happen: what does it meet? */
  async unfinished(): Promise<string[]> {
    const { rows } = await this.#database.query<{ id: string }>(
      'select id from generations where completed_at is null and deleted_at is null',
    );
    return rows.map(({ id }) => id);
  }

  happened(name: string, touched: readonly string[], times = 1, isKill = true): void {
    const row = this.row(name);
    row.times += times;
    for (const id of touched) row.touched.add(id);
    if (isKill) this.kills += times;
  }

  missed(name: string): void {
    this.row(name).missed += 1;
  }

  close(): Promise<void> {
    return this.#database.end();
  }
}
