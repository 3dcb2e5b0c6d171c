/** The initial tabs. They teach the API from left to right. */
import signIn from './examples/1-sign-in.graphql?raw';
import create from './examples/2-create.graphql?raw';
import watch from './examples/3-watch.graphql?raw';
import gallery from './examples/4-gallery.graphql?raw';
import lookAround from './examples/5-look-around.graphql?raw';
import importWorkflow from './examples/6-import.graphql?raw';

const DOCUMENT = {
  1: { class_type: 'EmptyImage', inputs: { width: 256, height: 256, batch_size: 1, color: 255 } },
  2: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'blue' } },
};

/** GraphiQL shows only the query of the first tab, without variables and headers. */
export const examples = [
  { query: signIn },
  { query: create },
  { query: watch, variables: '{\n  "id": ""\n}' },
  { query: gallery },
  { query: lookAround },
  { query: importWorkflow, variables: JSON.stringify({ document: DOCUMENT }, null, 2) },
];

/** Without a step that is done: GraphiQL opens the first tab. */
export const signedInExamples = [...examples.slice(1), ...examples.slice(0, 1)];

/** The initial text of the Headers pane. */
export const exampleHeaders = `{
  // The token of your last sign-in is sent without
  // your help. To use another, or an API key:
  // "authorization": "Bearer ..."
}`;
