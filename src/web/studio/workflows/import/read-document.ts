/** Imports a file: JSON of either format of ComfyUI, or a picture, video or sound that carries its workflow. */
import type { Client } from 'urql';
import { absolute } from '../../api/address';
import { type Problem, problemOf } from '../../api/errors';
import { graphql, type VariablesOf } from '../../api/graphql';
import { type Draft, IMPORT_WORKFLOW } from '../draft';

/** A request has at most 256 KiB; larger documents are uploaded. */
const MAX_DOCUMENT_BYTES = 200_000;
const JSON_TYPE = 'application/json';

const CREATE_UPLOAD = graphql(`
  mutation CreateDocumentUpload($input: CreateUploadInput!) {
    createUpload(input: $input) { id url }
  }
`);

export type Imported = { draft: Draft; problem?: undefined } | { draft?: undefined; problem: Problem };

export async function readDocument(client: Client, file: File): Promise<Imported> {
  const isJson = file.type === JSON_TYPE || file.name.toLowerCase().endsWith('.json');
  if (isJson && file.size <= MAX_DOCUMENT_BYTES) return importDraft(client, { document: await file.text() });
  const uploaded = await upload(client, file, isJson ? JSON_TYPE : file.type);
  return typeof uploaded === 'string' ? importDraft(client, { upload: uploaded }) : { problem: uploaded };
}

async function importDraft(client: Client, input: VariablesOf<typeof IMPORT_WORKFLOW>['input']): Promise<Imported> {
  const { data, error } = await client.mutation(IMPORT_WORKFLOW, { input });
  const draft = data?.importWorkflow;
  return draft ? { draft } : { problem: problemOf(error) ?? noResponse('') };
}

/** @returns the id of the upload, or why it failed */
async function upload(client: Client, file: File, contentType: string): Promise<string | Problem> {
  const input = { contentType, byteSize: file.size, filename: file.name.slice(-255) };
  const { data, error } = await client.mutation(CREATE_UPLOAD, { input });
  const place = data?.createUpload;
  if (!place) return problemOf(error) ?? noResponse('');
  try {
    const response = await fetch(absolute(place.url), {
      method: 'PUT',
      headers: { 'content-type': contentType },
      body: file,
    });
    return response.ok ? place.id : { code: 'BAD_USER_INPUT', message: await response.text(), field: undefined };
  } catch (reason) {
    return noResponse(String(reason));
  }
}

const noResponse = (message: string): Problem => ({ code: 'NETWORK', message, field: undefined });
