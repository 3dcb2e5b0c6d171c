/** Relay's interface Node: every object with an id of its own. */
import { Field, ID, InterfaceType } from 'type-graphql';

/** A plain row with the name of its type, as `node(id:)` returns it. */
export type TypedRow = { id: string; __typename: string };

@InterfaceType({
  description: 'An object that can be fetched again by its id.',
  resolveType: (value: TypedRow) => value.__typename,
})
export abstract class Node {
  @Field(() => ID, { description: 'Unique among all objects, and opaque.' })
  id!: string;
}
