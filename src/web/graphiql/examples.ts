/** The tabs that a new visitor finds. They teach the API from left to right. */
import signIn from './examples/1-sign-in.graphql?raw';
import create from './examples/2-create.graphql?raw';
import watch from './examples/3-watch.graphql?raw';
import gallery from './examples/4-gallery.graphql?raw';
import lookAround from './examples/5-look-around.graphql?raw';

/** Of the first tab GraphiQL shows the query alone: its variables and headers would be lost. */
export const examples = [
  { query: signIn },
  { query: create },
  { query: watch, variables: '{\n  "id": ""\n}' },
  { query: gallery },
  { query: lookAround },
];

/** What the Headers pane begins with. */
export const exampleHeaders = `{
  // The token of your last sign-in is sent without
  // your help. To use another, or an API key:
  // "authorization": "Bearer ..."
}`;
