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

/** Writes parts one after another. */
export const joined = (parts: readonly Sql[], separator = ''): Sql =>
  new Sql(
    parts.map(({ text }) => text).join(separator),
    parts.flatMap(({ values }) => values),
  );

/** Joins conditions by AND; no condition is true. */
export const all = (conditions: readonly Sql[]): Sql =>
  conditions.length === 0 ? raw('true') : joined(conditions, ' and ');
