/** Opens the import dialog. Takes its place from the start, and is shown to those whom this server lets bring workflows. */
import { FileInput } from 'lucide-react';
import { useQuery } from 'urql';
import { graphql } from '../api/graphql';
import { Button } from '../ui/button';
import { startImport } from './import-store';

const MAY_IMPORT = graphql(`
  query MayImport {
    mayWriteWorkflows
  }
`);

/** @returns undefined until it is known */
export const useMayImport = (): boolean | undefined =>
  useQuery({ query: MAY_IMPORT })[0].data?.mayWriteWorkflows ?? undefined;

type ImportButtonProps = { text: string; look: 'primary' | 'quiet' };

export function ImportButton({ text, look }: ImportButtonProps) {
  const mayImport = useMayImport();
  return (
    <Button
      look={look}
      icon={FileInput}
      style={{ visibility: mayImport ? undefined : 'hidden' }}
      onClick={() => startImport({ kind: 'ask' })}
    >
      {text}
    </Button>
  );
}
