/** One upload of a field: how far it is, and why it failed. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { useProblemText } from '../../ui/problems/use-problem-text';
import type { FileValue } from '../inputs/values';
import { upload } from './upload';

type Upload = {
  /** From 0 to 1; undefined while nothing is uploaded. */
  progress: number | undefined;
  problem: string | undefined;
  /** Ends an earlier upload. @returns undefined if it failed or was ended */
  start(file: File): Promise<FileValue | undefined>;
  end(): void;
  /** @param text why a file is not taken */
  refuse(text: string): void;
};

export function useUpload(): Upload {
  const { t } = useTranslation('create');
  const client = useClient();
  const explain = useProblemText();
  const [progress, setProgress] = useState<number>();
  const [problem, setProblem] = useState<string>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const end = () => {
    running.current?.abort();
    setProgress(undefined);
    setProblem(undefined);
  };
  return {
    progress,
    problem,
    end,
    refuse: setProblem,
    async start(file) {
      end();
      const mine = new AbortController();
      running.current = mine;
      setProgress(0);
      const ended = await upload(client, file, { onProgress: setProgress, signal: mine.signal });
      if (mine.signal.aborted) return undefined;
      setProgress(undefined);
      if ('file' in ended) return ended.file;
      setProblem(ended.problem.code === 'UNSUPPORTED' ? t('file.unsupported') : explain(ended.problem));
      return undefined;
    },
  };
}
