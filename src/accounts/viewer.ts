/** The authenticated caller. */
import { forbidden, unauthenticated } from '../graphql/errors.js';
import { Role } from './user.js';

/** Authenticated by the session of a person, or by the API key of a program. */
export type Viewer = { id: string; role: Role } & (
  | { sessionId: string; apiKeyId?: undefined }
  | { apiKeyId: string; sessionId?: undefined }
);

/** @throws UNAUTHENTICATED for an anonymous caller */
export function requireViewer({ viewer }: { viewer: Viewer | undefined }): Viewer {
  if (!viewer) throw unauthenticated();
  return viewer;
}

/** @throws UNAUTHENTICATED for an anonymous caller, FORBIDDEN for a user who is not an admin */
export function requireAdmin(context: { viewer: Viewer | undefined }): Viewer {
  const viewer = requireViewer(context);
  if (viewer.role !== Role.ADMIN) throw forbidden('Only an admin may do this');
  return viewer;
}

/**
 * For operations on the account itself: a leaked API key must not take over its account.
 * @throws UNAUTHENTICATED for an anonymous caller, FORBIDDEN for an API key
 */
export function requireSession(context: { viewer: Viewer | undefined }): Viewer & { sessionId: string } {
  const viewer = requireViewer(context);
  if (viewer.sessionId === undefined) throw forbidden('An API key cannot do this: sign in');
  return viewer;
}
