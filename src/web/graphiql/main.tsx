/** The GraphiQL page, with example tabs. The server serves it; it loads nothing from other hosts. */
import './workers';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createRoot } from 'react-dom/client';
// Not graphiql/style.css, which contains 600 kB of fonts.
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import { createMemory } from '../session/memory';
import { post } from '../session/post';
import { createSession } from '../session/session';
import { createTokenStorage } from '../session/token-storage';
import { exampleHeaders, examples, signedInExamples } from './examples';
import { createFetcher } from './fetcher';
import { withoutSecrets } from './secrets';
import { StatusLine } from './status';

const root = document.getElementById('graphiql');
if (!root) throw new Error('graphiql.html has no element #graphiql');

const url = new URL(location.pathname.replace(/\/graphiql\/*$/, '/graphql'), location.href);
const memory = createMemory(createTokenStorage(sessionStorage, localStorage));
const session = createSession(memory, (request) => post(url, request, {}));

createRoot(root).render(
  <>
    <StatusLine url={url} memory={memory} session={session} />
    <GraphiQL
      fetcher={createFetcher(url, memory, session)}
      storage={withoutSecrets(localStorage)}
      showPersistHeadersSettings={false}
      plugins={[HISTORY_PLUGIN]}
      defaultTabs={memory.accessToken ? signedInExamples : examples}
      defaultHeaders={exampleHeaders}
      defaultEditorToolsVisibility={false}
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>
        <h1>GraphiQL</h1>
      </GraphiQL.Logo>
    </GraphiQL>
  </>,
);
