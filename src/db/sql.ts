/** Composes SQL from parts that carry their values. */
export class Sql {
  constructor(
    readonly text: string,
    readonly values: readonly unknown[],
  ) {}
}

/** A nested `Sql` becomes part of the text; everything else becomes a value. */
export function sql(strings: TemplateStringsArray, ...parts: unknown[]): Sql {
  const texts = [strings[0] ?? ''];
  const values: unknown[] = [];
  for (const [index, part] of parts.entries()) {
    texts.push(part instanceof Sql ? part.text : '?', strings[index + 1] ?? '');
    values.push(...(part instanceof Sql ? part.values : [part]));
  }
  return new Sql(texts.join(''), values);
}

/** Text of the program, never of a user. */
export const raw = (text: string): Sql => new Sql(text, []);

/** Joins conditions by AND; no condition is true. */
export const all = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0
    ? raw('true')
    : new Sql(
        conditions.map(({ text }) => text).join(' and '),
        conditions.flatMap(({ values }) => values),
      );
