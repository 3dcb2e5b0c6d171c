/** Bounds of documents. They keep an import within a quarter of a second of the event loop. */
import { badUserInput, type Refusal } from '../../graphql/errors.js';

/** Characters of a document's JSON. The largest workflows that people share have a quarter of it. */
export const MAX_DOCUMENT_LENGTH = 2_000_000;
/** Levels of brackets in a document. */
export const MAX_DEPTH = 100;
/** Values in a document, inner ones included. */
export const MAX_VALUES = 200_000;
/** Nodes of a document after its subgraphs are expanded, virtual ones included. */
export const MAX_NODES = 2_000;
/** Subgraphs inside one another. */
export const MAX_NESTING = 20;
/** Characters of a node's id. */
export const MAX_ID_LENGTH = 100;
/** Nodes, links, slots and values together, after subgraphs are expanded; of values, one for each 20 characters. */
export const MAX_EXPANDED_SIZE = 100_000;
/** The work of following all links: a link costs ten, and each slot that is looked at one. */
export const MAX_HOPS = 1_000_000;
/** Problems in one draft: a broken document does not need a sentence for each of its nodes. */
export const MAX_PROBLEMS = 200;
/** Inputs that are proposed, or read from the author's form. Nobody fills in more. */
export const MAX_INPUTS = 200;
/** The work of following them into subgraphs: slots and links that are looked at. */
export const MAX_FORM_STEPS = 200_000;
/** Bytes of the metadata of a picture, video or sound, unpacked. */
export const MAX_METADATA_BYTES = MAX_DOCUMENT_LENGTH;

/** The refusal of a whole document. */
export const refused = (message: string): Refusal => badUserInput(message, 'document');
