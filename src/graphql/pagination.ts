/** Relay pagination: validates the arguments of a page, and describes the page. */
import { Field, ObjectType } from 'type-graphql';
import { badUserInput } from './errors.js';

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

@ObjectType({ description: 'The position of a page in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether there are entries after this page.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether there are entries before this page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first entry; null on an empty page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last entry; null on an empty page.' })
  endCursor!: string | null;
}

type PageArgs = {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
};

export type Page = { size: number; backward: boolean; after: string | null; before: string | null };

/** @throws BAD_USER_INPUT for a page size out of bounds, and for `first` together with `last` */
export function toPage({ first, after, last, before }: PageArgs): Page {
  if (first != null && last != null) throw badUserInput('Give first or last, not both', 'last');
  for (const [field, size] of Object.entries({ first, last })) {
    if (size != null && (size < 1 || size > MAX_PAGE_SIZE))
      throw badUserInput(`${field} must be from 1 to ${MAX_PAGE_SIZE}, not ${size}`, field);
  }
  return {
    size: first ?? last ?? DEFAULT_PAGE_SIZE,
    backward: last != null,
    after: after ?? null,
    before: before ?? null,
  };
}
