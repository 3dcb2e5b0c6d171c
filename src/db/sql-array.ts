/**
 * Returns PostgreSQL's text of an array, for a parameter that the statement casts: `any(?::uuid[])`. MikroORM expands a JavaScript array
 * into a list of parameters.
 */
export const sqlArray = (values: readonly (string | number)[]): string =>
  `{${values.map((value) => (typeof value === 'number' ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`)).join()}}`;
