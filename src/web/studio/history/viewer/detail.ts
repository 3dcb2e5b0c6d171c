/** What the large view reads of a generation. */
import { graphql, type ResultOf } from '../../api/graphql';
import { CARD } from '../../generation/fragments';

export const DETAIL = graphql(
  `
    query Detail($id: ID!) {
      generation(id: $id) {
        ...Card
        negativePrompt
        seed
        parameters
        retryOf { id }
        workflow { id name title createdAt version inputs { name title type } }
        outputs: result {
          id
          images {
            id width height thumbHash isAnimated contentType byteSize filename url
            downloadUrl: url(download: true)
            thumbnailUrl(width: 384)
            largeThumbnailUrl: thumbnailUrl(width: 768)
            fullThumbnailUrl: thumbnailUrl(width: 1536)
          }
          files { id kind contentType duration width height byteSize filename posterUrl url downloadUrl: url(download: true) }
          texts { text output }
        }
      }
    }
  `,
  [CARD],
);

export type Detail = NonNullable<ResultOf<typeof DETAIL>['generation']>;
type Result = NonNullable<Detail['outputs']>;
export type DetailImage = Result['images'][number];
export type DetailFile = Result['files'][number];

export type Output =
  | { kind: 'image'; key: string; image: DetailImage }
  | { kind: 'file'; key: string; file: DetailFile }
  | { kind: 'text'; key: string; text: string };

/** Everything that a generation has made, in one order. */
export function outputsOf(result: Detail['outputs']): Output[] {
  if (!result) return [];
  return [
    ...result.images.map((image) => ({ kind: 'image', key: image.id, image }) as const),
    ...result.files.map((file) => ({ kind: 'file', key: file.id, file }) as const),
    ...result.texts.map(({ text }, at) => ({ kind: 'text', key: `text-${at}`, text }) as const),
  ];
}

export const isFinal = (status: Detail['status']): boolean =>
  status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELED';

/** Whether to make it again is to make another: the same seed would make the same. */
export const makesOther = ({ status, seed }: Detail): boolean => status === 'COMPLETED' && seed !== null;
