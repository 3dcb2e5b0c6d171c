/** Saves results as files on the user's device. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { absolute } from '../api/address';
import { problemOf } from '../api/errors';
import { graphql } from '../api/graphql';
import { useSayProblem } from '../ui/problems/use-say-problem';
import { say } from '../ui/toast';

const OUTPUTS = graphql(`
  query Download($id: ID!) {
    generation(id: $id) {
      id
      result {
        id
        archiveUrl
        images { id downloadUrl: url(download: true) }
        files { id downloadUrl: url(download: true) }
      }
    }
  }
`);

/** @param path of a response that browsers save */
export function save(path: string): void {
  const link = document.createElement('a');
  link.href = absolute(path);
  link.download = '';
  link.click();
}

/** @returns a function that saves each result: a single file as it is, several as an archive */
export function useDownload(): (ids: readonly string[]) => Promise<void> {
  const { t } = useTranslation('history');
  const client = useClient();
  const sayProblem = useSayProblem();
  return useCallback(
    async (ids) => {
      let saved = 0;
      // One after the other: a browser drops downloads that begin at the same moment.
      for (const id of ids) {
        const { data, error } = await client.query(OUTPUTS, { id }, { requestPolicy: 'network-only' }).toPromise();
        if (error) sayProblem(problemOf(error));
        const result = data?.generation?.result;
        if (!result) continue;
        const [only, ...others] = [...result.images, ...result.files];
        save(only && others.length === 0 ? only.downloadUrl : result.archiveUrl);
        saved += 1;
      }
      if (ids.length > 1 || saved === 0) say(t('downloaded', { count: saved }));
    },
    [client, sayProblem, t],
  );
}
