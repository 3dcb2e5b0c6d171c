/** What a response shows of an error. */
import { buildSchema, execute, GraphQLError, parse } from 'graphql';
import { badUserInput } from '../../../src/graphql/errors.js';
import { createLogger } from '../../../src/process/logger.js';
import { maskError } from '../../../src/server/operation/mask.js';

const masked = (error: unknown) => maskError(error, 'its id', createLogger('silent'));
const HIDDEN = { message: 'Internal server error', extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'its id' } };

test('an error without a code and a location is hidden', () => {
  expect(masked(new GraphQLError('A secret'))).toEqual(HIDDEN);
});

test('the error about too many invalid variables is shown', async () => {
  const { errors = [] } = await execute({
    schema: buildSchema('type Query { sum(of: [Int!]): Int }'),
    document: parse('query ($of: [Int!]) { sum(of: $of) }'),
    variableValues: { of: ['a', 'b'] },
    options: { maxCoercionErrors: 1 },
  });
  expect(errors.map(masked)).toEqual([
    expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } }),
    { message: expect.stringMatching(/^Too many errors/), extensions: { code: 'BAD_USER_INPUT' } },
  ]);
});

describe('a refusal shows its code and its details', () => {
  const refusal = badUserInput('There is no model x', 'model', { suggestions: ['y'] });
  const shown = {
    message: 'There is no model x',
    extensions: { code: 'BAD_USER_INPUT', field: 'model', suggestions: ['y'] },
  };

  test('with the path of the field whose resolver throws it', async () => {
    const { errors = [] } = await execute({
      schema: buildSchema('type Query { model: String }'),
      document: parse('{ model }'),
      rootValue: {
        model: () => {
          throw refusal;
        },
      },
    });
    expect(errors.map(masked)).toEqual([{ ...shown, path: ['model'], locations: [{ line: 1, column: 3 }] }]);
  });

  test('outside of a field', () => {
    expect(masked(refusal)).toEqual(shown);
  });
});
