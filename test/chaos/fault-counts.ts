/** Counts faults by kind, with the generations that were unfinished at each. */
import pg from 'pg';

export type Row = {
  /** Processes killed or restarted, or the number of other faults. */
  times: number;
  /** How often the point was not reached in time. */
  missed: number;
  /** Generations that were unfinished at one of these faults. */
  touched: Set<string>;
};

export class FaultCounts {
  readonly rows = new Map<string, Row>();
  kills = 0;
  readonly #database: pg.Client;

  private constructor(database: pg.Client) {
    this.#database = database;
  }

  static async open(databaseUrl: string): Promise<FaultCounts> {
    const database = new pg.Client({ connectionString: databaseUrl });
    database.on('error', () => {});
    await database.connect();
    return new FaultCounts(database);
  }

  row(name: string): Row {
    const row = this.rows.get(name) ?? { times: 0, missed: 0, touched: new Set() };
    this.rows.set(name, row);
    return row;
  }

  /** Ids of unfinished generations, read before a fault. */
  async unfinished(): Promise<string[]> {
    const { rows } = await this.#database.query<{ id: string }>(
      'select id from generations where completed_at is null and deleted_at is null',
    );
    return rows.map(({ id }) => id);
  }

  record(name: string, touched: readonly string[], times = 1, isKill = true): void {
    const row = this.row(name);
    row.times += times;
    for (const id of touched) row.touched.add(id);
    if (isKill) this.kills += times;
  }

  recordMiss(name: string): void {
    this.row(name).missed += 1;
  }

  close(): Promise<void> {
    return this.#database.end();
  }
}
