/** Parses and validates documents. Apollo does the same by itself, with the same options. */
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, specifiedRules, validate } from 'graphql';
import { LRUCache } from 'lru-cache';
import { MAX_VALIDATION_ERRORS, parseOptions } from './document-limits.js';
import { limitRules } from './limit-rules.js';

/** As Apollo names them. `validationRules` are added to those of the GraphQL specification. */
export const documentOptions = {
  parseOptions,
  validationRules: [...limitRules],
  validationOptions: { maxErrors: MAX_VALIDATION_ERRORS },
};

const rules = [...specifiedRules, ...documentOptions.validationRules];

/** Characters of cached documents; a document with the plans of its operations takes up to 140 bytes a character. */
const MAX_CACHED_CHARACTERS = 300_000;

/** @returns a cache in the form that Apollo takes; Apollo names a document by a digest of its text */
export function createDocumentStore() {
  const documents = new LRUCache<string, DocumentNode>({
    maxSize: MAX_CACHED_CHARACTERS,
    sizeCalculation: ({ loc }) => loc?.source.body.length || 1,
  });
  return {
    get: async (key: string) => documents.get(key),
    set: async (key: string, document: DocumentNode) => void documents.set(key, document),
    delete: async (key: string) => documents.delete(key),
  };
}

export class Documents {
  /** By their text: when many clients reconnect at once, most send the same document. */
  readonly #valid = new LRUCache<string, DocumentNode>({
    maxSize: MAX_CACHED_CHARACTERS,
    sizeCalculation: (_, { length }) => length,
  });

  constructor(private readonly schema: GraphQLSchema) {}

  /** @returns the document, or its errors */
  read(query: string): DocumentNode | [GraphQLError, ...GraphQLError[]] {
    const known = this.#valid.get(query);
    if (known) return known;
    let document: DocumentNode;
    try {
      document = parse(query, documentOptions.parseOptions);
    } catch (error) {
      if (error instanceof GraphQLError) return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
      throw error;
    }
    const errors = validate(this.schema, document, rules, documentOptions.validationOptions);
    const [first, ...others] = errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
    if (first) return [first, ...others];
    this.#valid.set(query, document);
    return document;
  }
}

/** graphql-js sets no codes. */
const withCode = ({ message, nodes, source, positions }: GraphQLError, code: string): GraphQLError =>
  new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    extensions: { code },
  });
