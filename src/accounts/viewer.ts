/** Whoever asks, once their credential has been believed. */
import { forbidden, unauthenticated } from '../graphql/errors.js';
import { Role } from './user.js';

/** By a session, which a person signed in to, or by an API key of a program. */
export type Viewer = { id: string; role: Role } & (
  | { sessionId: string; apiKeyId?: undefined }
  | { apiKeyId: string; sessionId?: undefined }
);

/** @throws UNAUTHENTICATED for nobody. */
export function requireViewer({ viewer }: { viewer: Viewer | undefined }): Viewer {
  if (!viewer) throw unauthenticated();
  return viewer;
}

/** @throws UNAUTHENTICATED for nobody, FORBIDDEN for whoever is no admin */
export function requireAdmin(context: { viewer: Viewer | undefined }): Viewer {
  const viewer = requireViewer(context);
  if (viewer.role !== Role.ADMIN) throw forbidden('Only an admin may do this');
  return viewer;
}

/**
 * For what a program may not do with its key: take over the account that it works for.
 * @throws UNAUTHENTICATED for nobody, FORBIDDEN for an API key
 */
export function requireSession(context: { viewer: Viewer | undefined }): Viewer & { sessionId: string } {
  const viewer = requireViewer(context);
  if (viewer.sessionId === undefined) throw forbidden('An API key cannot do this: sign in');
  return viewer;
}
