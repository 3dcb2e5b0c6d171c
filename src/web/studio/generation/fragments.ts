/** What the page reads of a generation. */
import { type FragmentOf, graphql } from '../api/graphql';

/** For cards and lists. */
export const CARD = graphql(`
  fragment Card on Generation {
    id
    status
    revision
    prompt
    isFavorite
    idempotencyKey
    priority
    createdAt
    startedAt
    completedAt
    queuePosition
    waitReason
    attempt
    backend { id name isSimulated }
    progress { fraction node step totalSteps eta previewUrl updatedAt }
    failure { code message nodeType retryable }
    workflow { id name title createdAt }
    model { id name }
    share { url expiresAt }
    result {
      id
      problems
      archiveUrl
      images { id width height thumbHash isAnimated contentType thumbnailUrl(width: 384) largeThumbnailUrl: thumbnailUrl(width: 768) url downloadUrl: url(download: true) }
      files { id kind contentType duration width height posterUrl url downloadUrl: url(download: true) }
      texts { text output }
    }
  }
`);

export type Card = FragmentOf<typeof CARD>;
export type CardImage = NonNullable<Card['result']>['images'][number];
export type CardFile = NonNullable<Card['result']>['files'][number];
