/** An input of a form: that of a workflow, or one that an import proposes. */
import { type FragmentOf, graphql } from '../../api/graphql';

export const INPUT = graphql(`
  fragment Input on WorkflowInput {
    name title type description required default min max step modelKind choices isMultiline group isAdvanced
  }
`);

export type FormInput = FragmentOf<typeof INPUT>;
export type InputType = FormInput['type'];

const FILE_TYPES = ['IMAGE', 'MASK', 'VIDEO', 'AUDIO', 'FILE'] as const;
export type FileType = (typeof FILE_TYPES)[number];

export const isFileType = (type: InputType): type is FileType => FILE_TYPES.some((each) => each === type);
