/** Nothing to translate: the titles and descriptions of the API are English. */
export type BuiltInTexts = Partial<Record<string, { title: string; description: string }>>;

const texts: BuiltInTexts = {};

export default texts;
