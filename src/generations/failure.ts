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
    INVALID_WORKFLOW: { description: 'ComfyUI rejected the graph.' },
    EXECUTION_ERROR: { description: 'A node raised an error.' },
    OUT_OF_MEMORY: { description: 'The backend ran out of memory.' },
    BACKEND_LOST: {
      description: 'The backend lost the prompt, for example by a restart, in every attempt.',
    },
    TIMED_OUT: { description: 'The generation waited or ran longer than this server allows.' },
    NO_OUTPUT: { description: 'The workflow finished without an output that can be stored.' },
    RESULT_UNAVAILABLE: {
      description: 'The outputs could not be fetched or stored, or are invalid.',
    },
    INTERNAL: { description: 'An internal error of this server; its log has the details.' },
  },
});

@ObjectType({ description: 'Why a generation failed.' })
export class Failure {
  @Field(() => FailureCode, { description: 'The machine-readable reason.' })
  code!: FailureCode;

  @Field(() => String, { description: 'The human-readable reason, without server paths and tracebacks.' })
  message!: string;

  @Field(() => String, { nullable: true, description: 'The node of the graph that failed.' })
  nodeId?: string | null;

  @Field(() => String, { nullable: true, description: "The node's class, such as `KSampler`." })
  nodeType?: string | null;

  @Field(() => Boolean, { description: 'Whether a retry can succeed.' })
  retryable!: boolean;
}

/** Ends a run, and the generation with it. */
export class GenerationFailed extends Error {
  override name = 'GenerationFailed';

  constructor(
    readonly failure: Failure,
    options?: ErrorOptions,
  ) {
    super(failure.message, options);
  }
}

export const QUEUE_TIMED_OUT: Failure = {
  code: FailureCode.TIMED_OUT,
  message: 'No backend took the generation in time',
  retryable: true,
};
