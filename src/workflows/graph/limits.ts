/** The limits of a saved workflow. */
export const GRAPH_LIMITS = {
  nodes: 2_000,
  /** Of the graph as JSON in UTF-8. */
  bytes: 1024 * 1024,
  /** Levels of nested objects and lists, the graph itself included. */
  depth: 32,
  /** Characters of a node id, a class name or an input name. */
  nameLength: 200,
} as const;

export const WORKFLOW_LIMITS = {
  /** Named inputs. */
  inputs: 200,
  outputs: 100,
  /** Places that one input is bound to. */
  places: 50,
  choices: 1_000,
  /** Characters of a title, a group or a choice. */
  titleLength: 200,
  /** Characters of a description, and of a STRING without a maximum. */
  textLength: 10_000,
  /** Versions of listed workflows that one user may keep. */
  versions: 2_000,
} as const;
