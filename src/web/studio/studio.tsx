/** The studio of the signed-in user. */
import { useEffect, useState } from 'react';
import { Provider } from 'urql';
import { ApiContext } from './api/api-context';
import { type Api, createApi } from './api/client';
import Shell from './shell/shell';
import { Waiting } from './ui/waiting';

export default function Studio() {
  const api = useApiOfUser();
  if (!api) return <Waiting />;
  return (
    <ApiContext value={api}>
      <Provider value={api.client}>
        <Shell />
      </Provider>
    </ApiContext>
  );
}

function useApiOfUser(): Api | undefined {
  const [api, setApi] = useState<Api>();
  useEffect(() => {
    const created = createApi();
    setApi(created);
    return () => created.close();
  }, []);
  return api;
}
