/** Which generations the gallery shows, and in which order. It is kept in the address, so that it survives a reload. */
import { useMemo } from 'react';
import { useSearch } from 'wouter';
import type { VariablesOf } from '../../api/graphql';
import { navigate } from '../../shell/hash-location';
import type { PAGE } from '../list/documents';

export const STATUSES = {
  completed: ['COMPLETED'],
  active: ['PENDING', 'PROCESSING', 'CANCELING'],
  failed: ['FAILED'],
  canceled: ['CANCELED'],
} as const;
export type Status = keyof typeof STATUSES;

/** The choices of a person, by what the API calls them. */
export const KINDS = {
  image: ['IMAGE'],
  video: ['VIDEO'],
  audio: ['AUDIO'],
  model: ['MODEL_3D'],
  text: ['TEXT'],
  other: ['LATENT', 'FILE'],
} as const;
export type Kind = keyof typeof KINDS;

export type Filter = {
  search: string;
  status: Status | '';
  kind: Kind | '';
  workflow: string;
  model: string;
  /** Only favourites. */
  favorites: '1' | '';
  /** Days in the time zone of the device, such as 2026-11-28, both included. */
  from: string;
  to: string;
  order: 'oldest' | '';
};
export const NO_FILTER: Filter = {
  search: '',
  status: '',
  kind: '',
  workflow: '',
  model: '',
  favorites: '',
  from: '',
  to: '',
  order: '',
};
export const FIELDS = Object.keys(NO_FILTER) as (keyof Filter)[];
const MAX_SEARCH = 200;

/** Whether it hides something: the order does not. */
export const isRestricted = (filter: Filter): boolean => FIELDS.some((field) => field !== 'order' && filter[field]);

function parseFilter(query: string): Filter {
  const values = new URLSearchParams(query);
  const filter = { ...NO_FILTER };
  for (const field of FIELDS) Object.assign(filter, { [field]: values.get(field) ?? '' });
  if (!(filter.status in STATUSES)) filter.status = '';
  if (!(filter.kind in KINDS)) filter.kind = '';
  for (const day of ['from', 'to'] as const) if (!startOfDay(filter[day])) filter[day] = '';
  return filter;
}

/** @returns the query of an address with its question mark; empty for no filter */
export function formatFilter(filter: Filter): string {
  const values = new URLSearchParams(FIELDS.flatMap((field) => (filter[field] ? [[field, filter[field]]] : [])));
  return values.size ? `?${values}` : '';
}

export function useFilter(): Filter {
  const query = useSearch();
  return useMemo(() => parseFilter(query), [query]);
}

const addressOf = (filter: Filter): string => `/history${formatFilter(filter)}`;

/** Each change replaces the address: going back leaves the gallery instead of undoing single letters. */
export const showFiltered = (filter: Filter): void => navigate(addressOf(filter), { replace: true });

type Variables = Pick<VariablesOf<typeof PAGE>, 'filter' | 'orderBy'>;

/** As the API takes it. */
export function toVariables({ search, status, kind, workflow, model, favorites, from, to, order }: Filter): Variables {
  const createdAfter = startOfDay(from);
  const createdBefore = startOfDay(to, 1);
  return {
    filter: {
      ...(search.trim() && { search: search.trim().slice(0, MAX_SEARCH) }),
      ...(status && { status: [...STATUSES[status]] }),
      ...(kind && { outputKind: [...KINDS[kind]] }),
      ...(workflow && { workflow }),
      ...(model && { model }),
      ...(favorites && { isFavorite: true }),
      // "After" excludes the instant itself.
      ...(createdAfter && { createdAfter: new Date(createdAfter.getTime() - 1).toISOString() }),
      ...(createdBefore && { createdBefore: createdBefore.toISOString() }),
    },
    orderBy: { field: 'CREATED_AT', direction: order === 'oldest' ? 'ASC' : 'DESC' },
  };
}

/** @returns undefined for what is no day */
function startOfDay(day: string, offset = 0): Date | undefined {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? [];
  const start = new Date(Number(year), Number(month) - 1, Number(date) + offset);
  return Number.isNaN(start.getTime()) ? undefined : start;
}
