/** The GraphiQL page: the API, with tabs to learn it by. Served by the API itself; asks no other host for anything. */
import './workers';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createRoot } from 'react-dom/client';
// Not graphiql/style.css, which brings 600 kB of fonts inside of it.
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import { exampleHeaders, examples } from './examples';
import { createFetcher } from './fetcher';

const room = document.getElementById('graphiql');
if (!room) throw new Error('graphiql.html has no element #graphiql');

createRoot(room).render(
  <GraphiQL
    fetcher={createFetcher(
      new URL(location.pathname.replace(/\/graphiql\/*$/, '/graphql'), location.href),
      sessionStorage,
    )}
    plugins={[HISTORY_PLUGIN]}
    defaultTabs={examples}
    defaultHeaders={exampleHeaders}
    defaultEditorToolsVisibility={false}
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>ComfyGraph</GraphiQL.Logo>
  </GraphiQL>,
);
