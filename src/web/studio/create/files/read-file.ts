/** Reads what a file is that a form names by its id. */
import type { Client } from 'urql';
import { absolute } from '../../api/address';
import { graphql } from '../../api/graphql';
import { type FormInput, isFileType } from '../inputs/form-input';
import { asFile, type FileValue, type Values } from '../inputs/values';
import { kindOf } from './file-types';
import { localUrl } from './local-files';

const FILE = graphql(`
  query InputFile($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Image { contentType filename thumbnailUrl(width: 384) url }
      ... on File { kind contentType filename posterUrl url }
      ... on Upload { contentType label: filename isFilled expiresAt }
    }
  }
`);

/** @returns undefined for a file that does not exist any more */
async function readFile(client: Client, known: FileValue): Promise<FileValue | undefined> {
  const { data, error } = await client.query(FILE, { id: known.id }, { requestPolicy: 'network-only' });
  // Without an answer the file may well exist: the API says so when it is used.
  if (error?.networkError) return known;
  const node = data?.node;
  switch (node?.__typename) {
    case 'Image': {
      const { id, filename, thumbnailUrl, url } = node;
      return { id, kind: 'IMAGE', name: filename, previewUrl: absolute(thumbnailUrl), url: absolute(url) };
    }
    case 'File': {
      const { id, filename, contentType, posterUrl, url } = node;
      const previewUrl = posterUrl && absolute(posterUrl);
      return { id, kind: kindOf(contentType), name: filename, previewUrl, url: absolute(url) };
    }
    case 'Upload': {
      const { id, label, contentType, isFilled, expiresAt } = node;
      if (!isFilled || Date.parse(expiresAt) < Date.now()) return undefined;
      const { previewUrl } = known;
      return { id, kind: kindOf(contentType), name: label ?? '', previewUrl, url: localUrl(id) ?? null };
    }
    default:
      return undefined;
  }
}

/** Reads the files among the values. Those that do not exist any more are left out. */
export async function readFiles(client: Client, inputs: readonly FormInput[], values: Values): Promise<Values> {
  const entries = await Promise.all(
    Object.entries(values).map(async ([name, value]) => {
      const isFile = inputs.some((input) => input.name === name && isFileType(input.type));
      const known = isFile ? asFile(value) : undefined;
      if (!known) return [[name, value]] as const;
      const [file, origin] = await Promise.all([
        readFile(client, known),
        known.origin && readFile(client, known.origin),
      ]);
      return file ? ([[name, origin ? { ...file, origin } : file]] as const) : [];
    }),
  );
  return Object.fromEntries(entries.flat());
}

/** @returns the file by its id, as a value; undefined if it does not exist any more */
export const findFile = (
  client: Client,
  { id, previewUrl }: { id: string; previewUrl: string | null },
): Promise<FileValue | undefined> => readFile(client, { id, kind: 'IMAGE', name: '', previewUrl, url: null });
