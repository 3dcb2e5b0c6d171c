/** What a response shows of an error. */
import { buildSchema, execute, GraphQLError, parse } from 'graphql';
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
