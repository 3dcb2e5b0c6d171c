/** Why a generation FAILED: data of the generation, not an error of the API. */
import { Field, ObjectType, registerEnumType } from 'type-graphql';

export enum FailureCode {
  INVALID_WORKFLOW = 'INVALID_WORKFLOW',
  EXECUTION_ERROR = 'EXECUTION_ERROR',
  OUT_OF_MEMORY = 'OUT_OF_MEMORY',
  BACKEND_LOST = 'BACKEND_LOST',
  TIMED_OUT = 'TIMED_OUT',
  NO_OUTPUT = 'NO_OUTPUT',
  RESULT_UNAVAILABLE = 'RESULT_UNAVAILABLE',
  INTERNAL = 'INTERNAL',
}
registerEnumType(FailureCode, {
  name: 'FailureCode',
  description: 'Why a generation failed.',
  valuesConfig: {
    INVALID_WORKFLOW: { description: 'ComfyUI refused the graph.' },
    EXECUTION_ERROR: { description: 'A node raised an error.' },
    OUT_OF_MEMORY: { description: 'The backend ran out of memory.' },
    BACKEND_LOST: {
      description: 'The backend restarted and no longer knows the job, more often than it may be sent again.',
    },
    TIMED_OUT: { description: 'It waited or ran longer than this server allows.' },
    NO_OUTPUT: { description: 'It ran, and made nothing that can be kept.' },
    RESULT_UNAVAILABLE: {
      description: 'The outputs could not be fetched or stored, or are not what they claim to be.',
    },
    INTERNAL: { description: 'A fault of this server; its log says more.' },
  },
});

@ObjectType({ description: 'Why a generation failed.' })
export class Failure {
  @Field(() => FailureCode, { description: 'For programs.' })
  code!: FailureCode;

  @Field(() => String, { description: 'For people: no server paths, no traceback.' })
  message!: string;

  @Field(() => String, { nullable: true, description: 'The node of the graph that failed.' })
  nodeId?: string | null;

  @Field(() => String, { nullable: true, description: "That node's class, such as `KSampler`." })
  nodeType?: string | null;

  @Field(() => Boolean, { description: 'Whether trying again can help.' })
  retryable!: boolean;
}

export const WAITED_TOO_LONG: Failure = {
  code: FailureCode.TIMED_OUT,
  message: 'No backend took it in time',
  retryable: true,
};
